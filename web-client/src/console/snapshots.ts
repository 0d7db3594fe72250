// The stills of the wall: asked for together, every few seconds, and only
// while a wall is on screen. Each point's still is one object URL, replaced by
// the next and given back.
import { type Signal, signal } from '@preact/signals';
import type { SnapshotList } from '../wire';

const everyMs = 4000;

/** Snapshots holds the newest still of each point. */
export class Snapshots {
  private readonly urls = new Map<string, Signal<string>>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private after = 0;
  private shown = 0;

  constructor(private readonly token: string) {}

  /** url is where a point's still is, "" while there is none. */
  url(point: string): Signal<string> {
    let url = this.urls.get(point);
    if (!url) {
      url = signal('');
      this.urls.set(point, url);
    }
    return url;
  }

  /** show begins to fetch; the returned function ends it. Walls may overlap. */
  show(): () => void {
    if (this.shown++ === 0) void this.fetch();
    return () => {
      if (--this.shown === 0) clearTimeout(this.timer);
    };
  }

  /** take replaces the stills that are newer, and drops the one of a point that has none any more. */
  take(list: SnapshotList): void {
    // A server that has started again counts anew.
    if (list.seq < this.after) this.after = 0;
    this.after = list.seq;
    for (const { point, jpeg } of list.snapshots ?? []) {
      const url = this.url(point);
      if (url.peek()) URL.revokeObjectURL(url.peek());
      url.value = URL.createObjectURL(new Blob([bytes(jpeg)], { type: 'image/jpeg' }));
    }
  }

  private async fetch(): Promise<void> {
    try {
      const answer = await fetch(`/api/v1/snapshots?after=${this.after}`, {
        headers: { authorization: `Bearer ${this.token}` },
      });
      if (answer.ok) this.take((await answer.json()) as SnapshotList);
    } catch {
      // The link's own mark says that the server is away; the next round asks again.
    }
    if (this.shown > 0) this.timer = setTimeout(() => void this.fetch(), everyMs);
  }
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}
