// How many pictures this machine decodes. It is measured while a meeting
// runs, remembered for a day, and told to the server, which sends no more.

/** The numbers of pictures a layout can have, from many to one. */
const steps = [25, 16, 13, 9, 6, 4, 2, 1];
/** A machine that drops more than this share of frames shows too many pictures … */
const share = 0.4;
/** … when it does so in this many reports on end, three seconds each. */
const patience = 5;
/** What was measured yesterday may have been another program's fault. */
const day = 24 * 60 * 60_000;
const remembered = 'giaoban.pictures';

/** What of a statistics report matters here. */
interface Stat {
  type: string;
  kind?: string;
  framesDecoded?: number;
  framesDropped?: number;
}

/** Decoding watches how many frames are dropped for want of time. */
export class Decoding {
  private decoded = 0;
  private dropped = 0;
  private late = 0;

  /** tooMany takes a report and tells whether the pictures shown are more than the machine bears. */
  tooMany(report: Iterable<Stat>): boolean {
    let [decoded, dropped, pictures] = [0, 0, 0];
    for (const s of report) {
      if (s.type !== 'inbound-rtp' || s.kind !== 'video' || !s.framesDecoded) continue;
      decoded += s.framesDecoded;
      dropped += s.framesDropped ?? 0;
      pictures++;
    }
    const all = decoded - this.decoded + (dropped - this.dropped);
    const lost = (dropped - this.dropped) / Math.max(1, all);
    [this.decoded, this.dropped] = [decoded, dropped];
    this.late = pictures > 1 && all > 0 && lost > share ? this.late + 1 : 0;
    if (this.late < patience) return false;
    this.late = 0;
    return true;
  }
}

/** fewer is the next smaller number of pictures. */
export function fewer(pictures: number): number {
  return steps.find((n) => n < pictures) ?? 1;
}

/** remember keeps what the machine bears. */
export function remember(pictures: number, now = Date.now()): void {
  localStorage.setItem(remembered, JSON.stringify({ pictures, at: now }));
}

/** bears is how many pictures this machine decodes, as far as it is known; at most the given number. */
export function bears(most: number, now = Date.now()): number {
  try {
    const { pictures, at } = JSON.parse(localStorage.getItem(remembered) ?? '{}') as { pictures?: number; at?: number };
    if (!pictures || !at || now - at > day) return most;
    return Math.max(1, Math.min(most, Math.floor(pictures)));
  } catch {
    return most;
  }
}
