// How long pictures stood still. A browser calls a pause a freeze by the mean of
// the last thirty pictures. At a switch those since the last keyframe are sent
// again faster than they happened, which pulls the mean down, so that much less
// than a lost picture counts then. Here each freeze is judged by its length.

/** Pauses are the freezes of a page's pictures. */
export interface Pauses {
  /** Those that lasted as long as was said, or longer, by the m-line of the picture. */
  long: Record<string, number>;
  /** The longest freeze, long or not, seconds. */
  longest: number;
}

declare global {
  interface Window {
    giaobanPauses: Pauses;
  }
}

/** watchPauses counts, from now on, the freezes of at least so many seconds, on a page of one connection. It is serialised into the page. */
export function watchPauses(least: number): void {
  const pauses: Pauses = { long: {}, longest: 0 };
  window.giaobanPauses = pauses;
  const before = new Map<string, { count: number; seconds: number }>();
  const look = async () => {
    for (const peer of window.giaobanProbe.peers) {
      for (const s of (await peer.getStats()).values()) {
        if (s.type !== 'inbound-rtp' || s.kind !== 'video') continue;
        const mid = String(s.mid);
        pauses.long[mid] ??= 0;
        const now = { count: s.freezeCount ?? 0, seconds: s.totalFreezesDuration ?? 0 };
        const was = before.get(mid) ?? now;
        before.set(mid, now);
        if (now.count === was.count) continue;
        const each = (now.seconds - was.seconds) / (now.count - was.count);
        pauses.longest = Math.max(pauses.longest, each);
        if (each >= least) pauses.long[mid] += now.count - was.count;
      }
    }
    setTimeout(look, 250);
  };
  void look();
}
