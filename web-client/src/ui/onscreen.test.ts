import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { onScreen, reached } from './onscreen';

describe('reached', () => {
  it('wraps as RTP timestamps do', () => {
    expect(reached(100, 100)).toBe(true);
    expect(reached(99, 100)).toBe(false);
    expect(reached(5, 2 ** 32 - 5)).toBe(true);
    expect(reached(2 ** 32 - 5, 5)).toBe(false);
  });
});

describe('onScreen', () => {
  let frame: (rtpTimestamp?: number) => void;
  const then = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    then.mockReset();
    const video = document.createElement('video');
    video.dataset.slot = '3';
    Object.assign(video, {
      requestVideoFrameCallback: (f: (now: number, m: object) => void) => {
        frame = (rtpTimestamp) => f(0, { rtpTimestamp });
      },
    });
    document.body.replaceChildren(video);
  });
  afterEach(() => vi.useRealTimers());

  it('waits for the frame, once', () => {
    onScreen({ slot: 3, source: 'hg-01/camera', rtpTs: 1000 }, then);
    frame(900);
    expect(then).not.toHaveBeenCalled();
    frame(1000);
    vi.advanceTimersByTime(1000);
    expect(then).toHaveBeenCalledTimes(1);
  });

  it('does not wait for a frame that is never drawn', () => {
    onScreen({ slot: 3, source: 'hg-01/camera', rtpTs: 1000 }, then);
    vi.advanceTimersByTime(500);
    expect(then).toHaveBeenCalledTimes(1);
  });

  it('does not wait where nothing draws the slot', () => {
    onScreen({ slot: 4, source: 'hg-01/camera', rtpTs: 1000 }, then);
    expect(then).toHaveBeenCalledTimes(1);
  });
});
