// How each point's line has been: one measurement a second for ten minutes,
// and a word that changes only when the word does, so that two hundred good
// lines redraw nothing.
import { batch, type Signal, signal } from '@preact/signals';
import type { LineView, LineWord, Quality } from '../wire';

/** How many measurements are kept of each point: ten minutes at one a second. */
export const kept = 600;

/** One measurement of a point's line, the worse of its two directions. */
export interface Sample {
  /** When, in Unix milliseconds. */
  at: number;
  /** Packets lost, in percent. */
  loss: number;
  rttMs: number;
  jitterMs: number;
  word: LineWord;
}

/** Lines holds the measurements of all points. */
export class Lines {
  private readonly words = new Map<string, Signal<string>>();
  private readonly histories = new Map<string, History>();
  private readonly newest = new Map<string, LineView>();

  /** word is "" while a point's line is good, else the loss in percent with which it is weak, such as "6.2". */
  word(point: string): Signal<string> {
    let word = this.words.get(point);
    if (!word) {
      word = signal('');
      this.words.set(point, word);
    }
    return word;
  }

  /** weak tells whether a point's line is weak now. */
  weak(point: string): boolean {
    return this.word(point).value !== '';
  }

  /** now is the newest figures of a point, as long as its media is here; it changes with the version of its history. */
  now(point: string): LineView | undefined {
    return this.newest.get(point);
  }

  /** heard takes what the server says of all lines at once. One it does not speak of has no media now. */
  heard({ atMs, lines }: Quality): void {
    batch(() => {
      const gone = new Set(this.newest.keys());
      for (const line of lines) {
        gone.delete(line.point);
        this.newest.set(line.point, line);
        const { rttMs, jitterMs, word, lossUp, lossDown } = line;
        this.take(line.point, { at: atMs, loss: Math.max(lossUp, lossDown), rttMs, jitterMs, word });
      }
      for (const point of gone) {
        this.newest.delete(point);
        this.word(point).value = '';
        this.history(point).version.value++;
      }
    });
  }

  /** take keeps one measurement. */
  take(point: string, sample: Sample): void {
    this.history(point).push(sample);
    this.word(point).value = sample.word === 'good' ? '' : sample.loss.toFixed(1);
  }

  /** history is the measurements of a point; its version is a signal. */
  history(point: string): History {
    let history = this.histories.get(point);
    if (!history) {
      history = new History();
      this.histories.set(point, history);
    }
    return history;
  }

  /** forget drops what is known of points that are no longer of the meeting. */
  forget(gone: string[]): void {
    for (const point of gone) {
      this.words.delete(point);
      this.histories.delete(point);
      this.newest.delete(point);
    }
  }
}

/** History is a ring of measurements in flat arrays. */
export class History {
  /** Rises with every measurement. */
  readonly version = signal(0);
  private readonly columns = [0, 1, 2, 3].map(() => new Float64Array(kept));
  private count = 0;

  push({ at, loss, rttMs, jitterMs }: Sample): void {
    const i = this.count++ % kept;
    [at / 1000, loss, rttMs, jitterMs].forEach((value, column) => {
      (this.columns[column] as Float64Array)[i] = value;
    });
    this.version.value++;
  }

  /** read gives the columns oldest first: seconds, loss, round trip, jitter. */
  read(): [number[], number[], number[], number[]] {
    const from = Math.max(0, this.count - kept);
    const read = (column: Float64Array) =>
      Array.from({ length: this.count - from }, (_, i) => column[(from + i) % kept] as number);
    return this.columns.map(read) as [number[], number[], number[], number[]];
  }
}
