import { describe, expect, it } from 'vitest';
import { Playing } from './playing';

const video = (freezeCount: number, totalFreezesDuration: number) => ({
  type: 'inbound-rtp',
  freezeCount,
  totalFreezesDuration,
});
const audio = (totalSamplesReceived: number, concealedSamples: number, silentConcealedSamples = 0) => ({
  type: 'inbound-rtp',
  totalSamplesReceived,
  concealedSamples,
  silentConcealedSamples,
});

describe('what is played', () => {
  it('is told by what has come to it since the last report, silence not counted', () => {
    const playing = new Playing();
    expect(playing.since([video(2, 0.75), audio(1000, 30, 10)])).toEqual({ freezes: 2, frozenMs: 750, concealed: 2 });
    expect(playing.since([video(3, 1.25), audio(2000, 80, 10)])).toEqual({ freezes: 1, frozenMs: 500, concealed: 5 });
    expect(playing.since([video(3, 1.25), audio(2000, 80, 10)])).toEqual({ freezes: 0, frozenMs: 0, concealed: 0 });
  });

  it('begins at nothing with a new connection', () => {
    const playing = new Playing();
    playing.since([video(9, 9), audio(9000, 900)]);
    expect(playing.since([video(1, 0.1), audio(100, 0)])).toEqual({ freezes: 0, frozenMs: 0, concealed: 0 });
  });
});
