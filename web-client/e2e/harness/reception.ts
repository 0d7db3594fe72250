// How well a page receives, from its own statistics (W3C webrtc-stats).

import type { Page } from 'playwright-core';

/** Reception is the sums of a page's counters at one moment. */
export interface Reception {
  at: number;
  /** Pictures that are received now, and how long they have stood still in all, seconds. */
  pictures: number;
  frozen: number;
  frames: number;
  /** The widths of the pictures, widest first. */
  widths: number[];
  /** Samples of sound: all, and those invented because a packet was missing. */
  samples: number;
  concealed: number;
  audioPackets: number;
  bytes: number;
  /** The newest round trip, milliseconds. */
  tripMs: number;
}

/** reception reads a page's counters. */
export function reception(page: Page): Promise<Reception> {
  return page.evaluate(async () => {
    const r = {
      at: performance.now(),
      pictures: 0,
      frozen: 0,
      frames: 0,
      widths: [] as number[],
      samples: 0,
      concealed: 0,
      audioPackets: 0,
      bytes: 0,
      tripMs: 0,
    };
    for (const peer of window.giaobanProbe.peers) {
      if (peer.connectionState !== 'connected') continue;
      for (const s of (await peer.getStats()).values()) {
        if (s.type === 'candidate-pair' && s.nominated) r.tripMs = 1000 * (s.currentRoundTripTime ?? 0);
        if (s.type !== 'inbound-rtp') continue;
        r.bytes += s.bytesReceived;
        if (s.kind === 'video') {
          r.frozen += s.totalFreezesDuration ?? 0;
          r.frames += s.framesDecoded ?? 0;
          if ((s.framesPerSecond ?? 0) > 0) {
            r.pictures++;
            r.widths.push(s.frameWidth ?? 0);
          }
        } else {
          r.samples += s.totalSamplesReceived ?? 0;
          r.concealed += (s.concealedSamples ?? 0) - (s.silentConcealedSamples ?? 0);
          r.audioPackets += s.packetsReceived;
        }
      }
    }
    r.widths.sort((a, b) => b - a);
    return r;
  });
}
