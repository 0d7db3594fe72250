// The loudspeaker's tones, and how much of them comes back through the
// microphone after whatever cancels echo in this room.
import type { Verdict } from '../wire';

const tones = [523, 659, 784];
/** A tone no voice holds. */
const probeHz = 1250;
const probeMs = 2500;
/** Decibels of the probe above the room's own noise at its frequency. */
const heard = 12;
const loud = 25;

/** chirp plays three tones, as loud as speech. */
export function chirp(): void {
  const context = new AudioContext();
  for (const [i, hz] of tones.entries()) tone(context, hz, context.currentTime + i * 0.35, 0.28);
  setTimeout(() => void context.close(), 1500);
}

/** echoOf plays a tone and listens for it: good is not heard back, weak is heard, bad is loud. */
export async function echoOf(microphone: MediaStream | undefined): Promise<Verdict> {
  if (!microphone) return 'bad';
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 4096;
  context.createMediaStreamSource(microphone).connect(analyser);
  const bin = Math.round((probeHz * analyser.fftSize) / context.sampleRate);
  const before = await strongest(analyser, bin, 600);
  tone(context, probeHz, context.currentTime, probeMs / 1000);
  // A canceller learns for a second; what is left then is echo.
  await new Promise((resolve) => setTimeout(resolve, probeMs * 0.6));
  const during = await strongest(analyser, bin, probeMs * 0.3);
  await context.close();
  return judge(during - before);
}

/** judge turns decibels over the noise into a verdict. */
export function judge(over: number): Verdict {
  if (over < heard) return 'good';
  return over < loud ? 'weak' : 'bad';
}

async function strongest(analyser: AnalyserNode, bin: number, ms: number): Promise<number> {
  const levels = new Float32Array(analyser.frequencyBinCount);
  let best = -120;
  for (const end = Date.now() + ms; Date.now() < end; ) {
    analyser.getFloatFrequencyData(levels);
    best = Math.max(best, levels[bin] ?? -120);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return best;
}

function tone(context: AudioContext, hz: number, at: number, seconds: number): void {
  const note = context.createOscillator();
  const loudness = context.createGain();
  note.frequency.value = hz;
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(0.25, at + 0.03);
  loudness.gain.setValueAtTime(0.25, at + seconds - 0.05);
  loudness.gain.linearRampToValueAtTime(0, at + seconds);
  note.connect(loudness).connect(context.destination);
  note.start(at);
  note.stop(at + seconds);
}
