// A small still of the room's camera for the wall of the console. The server
// says when it wants the next; a room without a camera posts none.
import type { SnapshotTaken } from '../wire';

const width = 192;
const height = 108;
const quality = 0.6;
/** Largest still the server takes, in bytes. */
const mostBytes = 10 << 10;
const firstMs = 2000;
const retryMs = 30_000;
/** Rooms that start together must not post together. */
const spreadMs = 3000;

/** Stills posts the camera's picture again and again until it is stopped. */
export class Stills {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
  private readonly canvas = Object.assign(document.createElement('canvas'), { width, height });

  constructor(
    private readonly token: string,
    private readonly camera: () => MediaStream | null,
  ) {
    this.wait(firstMs + Math.random() * spreadMs);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private wait(ms: number): void {
    this.timer = setTimeout(() => void this.post(), ms);
  }

  private async post(): Promise<void> {
    let next = retryMs;
    try {
      const still = await this.take();
      if (still) next = (await this.send(still)) ?? retryMs;
    } catch {
      // The room's link has its own mark; a still that is missed is taken later.
    }
    if (this.timer) this.wait(next);
  }

  /** send posts a still; it gives when the next is wanted, if the server said so. */
  private async send(still: Blob): Promise<number | undefined> {
    const answer = await fetch('/api/v1/snapshot', {
      method: 'PUT',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'image/jpeg' },
      body: still,
    });
    return answer.ok ? ((await answer.json()) as SnapshotTaken).afterMs : undefined;
  }

  /** take draws one frame small; the picture is let go again at once. */
  private async take(): Promise<Blob | undefined> {
    const camera = this.camera();
    const pen = this.canvas.getContext('2d');
    if (!camera || !pen) return undefined;
    this.video.srcObject = camera;
    await this.video.play();
    pen.drawImage(this.video, 0, 0, width, height);
    this.video.srcObject = null;
    const still = await new Promise<Blob | null>((done) => this.canvas.toBlob(done, 'image/jpeg', quality));
    return still && still.size <= mostBytes ? still : undefined;
  }
}
