// The server's clock as this page knows it. A frame that took long makes the
// offset too small, so of the last few the largest is the nearest to the truth.
const kept = 8;

/** ServerTime turns the page's clock into the server's. */
export class ServerTime {
  private offsets: number[] = [];

  /** heard takes the server's time from a frame that has just arrived. */
  heard(serverMs: number): void {
    this.offsets = [...this.offsets.slice(1 - kept), serverMs - Date.now()];
  }

  /** restart forgets all: another server may be answering now. */
  restart(): void {
    this.offsets = [];
  }

  /** now is the server's time in Unix milliseconds. */
  now(): number {
    return Date.now() + (this.offsets.length ? Math.max(...this.offsets) : 0);
  }
}
