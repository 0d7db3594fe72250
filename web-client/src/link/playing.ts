// What the page plays, as the server is told it: pictures that stood still and
// sound that had to be made up, since the last time.
import type { MediaReport } from '../wire';

/** What of a statistics report matters here. */
interface Stat {
  type: string;
  kind?: string;
  freezeCount?: number;
  totalFreezesDuration?: number;
  concealedSamples?: number;
  silentConcealedSamples?: number;
  totalSamplesReceived?: number;
}

/** Playing compares each report with the one before. */
export class Playing {
  private before = { freezes: 0, frozenMs: 0, concealed: 0, samples: 0 };

  /** since gives what has happened since the last report. A new connection begins at nothing. */
  since(report: Iterable<Stat>): MediaReport {
    const now = { freezes: 0, frozenMs: 0, concealed: 0, samples: 0 };
    for (const s of report) {
      if (s.type !== 'inbound-rtp') continue;
      now.freezes += s.freezeCount ?? 0;
      now.frozenMs += Math.round((s.totalFreezesDuration ?? 0) * 1000);
      now.concealed += (s.concealedSamples ?? 0) - (s.silentConcealedSamples ?? 0);
      now.samples += s.totalSamplesReceived ?? 0;
    }
    const grown = (what: keyof typeof now) => Math.max(0, now[what] - this.before[what]);
    const samples = grown('samples');
    const share = samples > 0 ? Math.min(1, grown('concealed') / samples) : 0;
    const since = { freezes: grown('freezes'), frozenMs: grown('frozenMs'), concealed: Math.round(share * 1000) / 10 };
    this.before = now;
    return since;
  }
}
