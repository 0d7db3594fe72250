// The two sounds of the console, made here: no file to load.
let context: AudioContext | undefined;

/** tick is one short soft note: somebody asks to speak. */
export function tick(): void {
  note(880, 0, 0.06, 0.05);
}

/** lowNotes are two low notes: a point is lost. */
export function lowNotes(): void {
  note(220, 0, 0.22, 0.12);
  note(165, 0.26, 0.3, 0.12);
}

function note(frequency: number, from: number, length: number, loudness: number): void {
  context ??= new AudioContext();
  const at = context.currentTime + from;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(loudness, at);
  gain.gain.exponentialRampToValueAtTime(0.0005, at + length);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + length);
}
