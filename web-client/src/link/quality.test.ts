import { describe, expect, it } from 'vitest';
import { Quality } from './quality';

const inbound = (packetsReceived: number, packetsLost: number) => ({
  type: 'inbound-rtp',
  packetsReceived,
  packetsLost,
});

describe('the line', () => {
  it('is weak by what was lost since the last look, not ever', () => {
    const q = new Quality();
    expect(q.weak([inbound(1000, 0)])).toBe(false);
    expect(q.weak([inbound(1080, 20)])).toBe(true);
    expect(q.weak([inbound(1180, 20)])).toBe(false);
  });

  it('is not judged by a handful of packets', () => {
    expect(new Quality().weak([inbound(8, 2)])).toBe(false);
  });

  it('is weak when what the room sends is lost, or when it is far', () => {
    expect(new Quality().weak([{ type: 'remote-inbound-rtp', fractionLost: 0.1 }])).toBe(true);
    expect(new Quality().weak([{ type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.9 }])).toBe(true);
    expect(new Quality().weak([{ type: 'candidate-pair', nominated: false, currentRoundTripTime: 0.9 }])).toBe(false);
  });

  it('starts anew with a new connection', () => {
    const q = new Quality();
    q.weak([inbound(5000, 900)]);
    expect(q.weak([inbound(100, 0)])).toBe(false);
  });
});
