// What brings a page back that nobody stands in front of. A picture that
// stands still although its packets come, and a connection that is up and
// carries nothing, get a new PeerConnection; a page that stays without its
// link although the server answers is loaded again, as the last resort.

/** A picture may stand still this long: a keyframe over a bad line takes seconds. */
const frozenMs = 12_000;
/** A new connection is tried at most this often: one that helps needs no second. */
const remakeMs = 60_000;
/** Without link or media for this long, although the server answers, the page is loaded again. */
const deadMs = 90_000;
/** The page is loaded again at most this often. */
const reloadMs = 10 * 60_000;

/** What of a statistics report matters here. */
interface Stat {
  type: string;
  kind?: string;
  mid?: string;
  framesDecoded?: number;
  bytesReceived?: number;
}

/** Seen is one picture's count of frames, and since when it has not moved. */
interface Seen {
  frames: number;
  bytes: number;
  since: number;
}

/** Frozen finds pictures that stand still while something of them arrives: payload, for the padding that probes a line is none. */
export class Frozen {
  private readonly seen = new Map<string, Seen>();
  private told = Number.NEGATIVE_INFINITY;

  /** found takes a report and tells whether a picture has stood still for too long. */
  found(report: Iterable<Stat>, now: number): boolean {
    let frozen = false;
    for (const s of report) {
      if (s.type !== 'inbound-rtp' || s.kind !== 'video' || s.mid === undefined) continue;
      const is = { frames: s.framesDecoded ?? 0, bytes: s.bytesReceived ?? 0 };
      const was = this.seen.get(s.mid);
      const moves = !was || is.frames !== was.frames || is.bytes === was.bytes;
      const since = moves ? now : was.since;
      this.seen.set(s.mid, { ...is, since });
      frozen ||= now - since >= frozenMs;
    }
    if (!frozen || now - this.told < remakeMs) return false;
    this.told = now;
    return true;
  }

  /** restart forgets everything: a new PeerConnection counts from zero. */
  restart(): void {
    this.seen.clear();
  }
}

/** Patience tells when a page without link or media is to be loaded again. */
export class Patience {
  private since = 0;

  /** ended takes whether the page is well and the time, and tells whether patience is at its end. */
  ended(well: boolean, now: number): boolean {
    if (well) this.since = 0;
    else if (!this.since) this.since = now;
    return this.since > 0 && now - this.since >= deadMs;
  }
}

const remembered = 'giaoban.reloaded';

/** reload loads the page again, unless it was lately or the server does not answer: a browser's own error page never comes back. */
export async function reload(now = Date.now(), store: Storage = sessionStorage): Promise<boolean> {
  if (now - Number(store.getItem(remembered) ?? 0) < reloadMs) return false;
  try {
    const answer = await fetch('/healthz', { cache: 'no-store' });
    if (!answer.ok) return false;
  } catch {
    return false;
  }
  store.setItem(remembered, String(now));
  location.reload();
  return true;
}
