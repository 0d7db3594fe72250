// The guided point check (Kiểm tra điểm cầu): what a machine can measure it
// measures, what only a person knows it asks, with OK and Back. What was found
// goes to the console; the server times it.
import { computed, signal } from '@preact/signals';
import type { Page } from '../page/page';
import type { Check, Verdict } from '../wire';
import type { Capture } from './capture';
import { chirp, echoOf } from './echo';
import { measureLine } from './line';

/** Parts of a check, in their order. */
export const parts = ['camera', 'microphone', 'speaker', 'echo', 'line', 'power'] as const;
export type Part = (typeof parts)[number];

/** Ears are what a check listens with: bars of the level meter, 0 to 5. */
export interface Ears {
  bars(): number;
}

/** How long a voice is waited for, and what counts as one. */
const voiceMs = 15_000;
const voiceBars = 2;

/** PointCheck goes from part to part. */
export class PointCheck {
  /** The part that is checked now, "" while none is. */
  readonly at = signal<Part | ''>('');
  readonly result = signal<Check>({});
  /** Whether the part waits for an answer. */
  readonly asks = computed(() => this.at.value === 'speaker' || this.at.value === 'power');
  private answer: ((yes: boolean) => void) | undefined;
  private run = 0;

  constructor(
    private readonly page: Page,
    private readonly capture: Capture,
    private readonly ears: Ears,
  ) {}

  /** start goes through every part and hands the result in. */
  async start(): Promise<void> {
    const run = ++this.run;
    this.result.value = {};
    for (const part of parts) {
      this.at.value = part;
      const found = await this.check(part);
      if (run !== this.run) return;
      this.result.value = { ...this.result.value, ...found };
    }
    this.at.value = '';
    await this.page.act('point.check', { check: this.result.value });
  }

  /** reply answers the question that is asked, and tells whether there was one. */
  reply(yes: boolean): boolean {
    const { answer } = this;
    this.answer = undefined;
    answer?.(yes);
    return answer !== undefined;
  }

  /** stop leaves the check; nothing is handed in. */
  stop(): void {
    this.run++;
    this.at.value = '';
    this.answer = undefined;
  }

  private async check(part: Part): Promise<Check> {
    switch (part) {
      case 'camera':
        return { camera: await this.camera() };
      case 'microphone':
        return { microphone: await this.voice() };
      case 'speaker':
        chirp();
        return { speaker: (await this.ask()) ? 'good' : 'bad' };
      case 'echo':
        return { echo: await echoOf(this.capture.source) };
      case 'line':
        return measureLine(this.page);
      case 'power':
        return { power: (await this.ask()) ? 'good' : 'bad' };
    }
  }

  /** A camera is good if it is there and its picture is not dark. */
  private async camera(): Promise<Verdict> {
    const { picture } = this.capture;
    if (!picture.value) return 'bad';
    const brightness = await brightnessOf(picture.value);
    if (brightness === undefined) return 'bad';
    return brightness < 30 ? 'weak' : 'good';
  }

  private async voice(): Promise<Verdict> {
    if (!this.capture.source) return 'bad';
    const end = Date.now() + voiceMs;
    let best = 0;
    while (Date.now() < end && this.at.value === 'microphone') {
      best = Math.max(best, this.ears.bars());
      if (best >= voiceBars) return 'good';
      await pause(200);
    }
    return best > 0 ? 'weak' : 'bad';
  }

  private ask(): Promise<boolean> {
    return new Promise((resolve) => {
      this.answer = resolve;
    });
  }
}

/** brightnessOf is a frame's mean grey, 0 to 255; undefined without a frame. */
async function brightnessOf(stream: MediaStream): Promise<number | undefined> {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = stream;
  await Promise.race([video.play().catch(() => undefined), pause(3000)]);
  for (let tries = 0; tries < 15 && !video.videoWidth; tries++) await pause(200);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [32, 18];
  const context = canvas.getContext('2d');
  if (!video.videoWidth || !context) return undefined;
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  video.srcObject = null;
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum += ((data[i] ?? 0) + (data[i + 1] ?? 0) + (data[i + 2] ?? 0)) / 3;
  return sum / (data.length / 4);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
