// One chime, a rising pair of notes, on an invitation and on nothing else: not
// when a microphone opens, and never sent anywhere.

/** chime plays it: 400 ms, well under speech. */
export function chime(): void {
  const context = new AudioContext();
  const end = context.currentTime + 0.4;
  [587, 880].forEach((frequency, i) => {
    const at = context.currentTime + i * 0.16;
    const note = context.createOscillator();
    const loudness = context.createGain();
    note.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.08, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, i === 0 ? at + 0.2 : end);
    note.connect(loudness).connect(context.destination);
    note.start(at);
    note.stop(end);
  });
  setTimeout(() => void context.close(), 600);
}
