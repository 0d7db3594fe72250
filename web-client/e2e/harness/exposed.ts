// What every page lets be read of it (src/page/page.ts).

import type { State } from '../../src/state/state.ts';

declare global {
  interface Window {
    __giaoban: { link: { stats(): Promise<RTCStatsReport | undefined> }; state: State };
  }
}
