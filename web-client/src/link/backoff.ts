// How long to wait before the next try: doubling from half a second to three,
// with 30 % of jitter, so that two hundred rooms do not knock at once.
const least = 500;
const most = 3000;

/** Backoff counts tries; reset it when one has succeeded. */
export class Backoff {
  private tries = 0;

  /** next gives the delay before the coming try, in milliseconds. */
  next(): number {
    const base = Math.min(most, least * 2 ** this.tries++);
    return base * (0.7 + 0.6 * Math.random());
  }

  reset(): void {
    this.tries = 0;
  }
}
