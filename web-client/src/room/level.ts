// How loud the room's microphone is, for its own eyes.
import { signal } from '@preact/signals';

/** Level measures a microphone ten times a second, from 0 to 5 bars; it falls slower than it rises. */
export class Level {
  readonly bars = signal(0);
  private context: AudioContext | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** follow measures this stream from now on; undefined measures nothing. */
  follow(stream: MediaStream | undefined): void {
    this.stop();
    if (!stream) return;
    this.context = new AudioContext();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    this.context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const rms = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
      this.bars.value = Math.max(barsOf(rms), this.bars.value - 1);
    }, 100);
  }

  /** wake starts measuring where the browser waits for a press. */
  wake(): void {
    void this.context?.resume();
  }

  stop(): void {
    clearInterval(this.timer);
    void this.context?.close();
    this.context = undefined;
    this.bars.value = 0;
  }
}

/** barsOf turns a level into bars: one from -54 dB, five from -18 dB. */
export function barsOf(rms: number): number {
  const db = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.max(0, Math.min(5, Math.floor((db + 63) / 9)));
}
