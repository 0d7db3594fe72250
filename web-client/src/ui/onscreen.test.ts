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
  const live = { slot: 3, source: 'hg-01/camera', rtpTs: 1000 };
  const drawn = vi.fn();
  const late = vi.fn();
  const calls = () => [drawn.mock.calls.length, late.mock.calls.length];
  let stop: () => void;

  /** Screen is a picture of slot 3 whose frames the test draws. */
  function screen() {
    const video = document.createElement('video');
    video.dataset.slot = '3';
    let next: ((now: number, m: object) => void) | undefined;
    Object.assign(video, {
      requestVideoFrameCallback: (f: typeof next) => {
        next = f;
      },
    });
    document.body.append(video);
    const frame = (rtpTimestamp?: number) => {
      const f = next;
      next = undefined;
      f?.(0, { rtpTimestamp });
    };
    return { video, frame };
  }

  beforeEach(() => {
    vi.useFakeTimers();
    drawn.mockReset();
    late.mockReset();
    document.body.replaceChildren();
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
  });

  it('waits for the frame, once', () => {
    const { frame } = screen();
    stop = onScreen(live, { drawn, late });
    frame(900);
    expect(calls()).toEqual([0, 0]);
    frame(1000);
    frame(1001);
    vi.advanceTimersByTime(2000);
    expect(calls()).toEqual([1, 0]);
  });

  it('waits for every picture of the slot', () => {
    const [preview, program] = [screen(), screen()];
    stop = onScreen(live, { drawn, late });
    preview.frame(1000);
    expect(calls()).toEqual([0, 0]);
    program.frame(1000);
    expect(calls()).toEqual([1, 0]);
  });

  it('waits for no picture that cannot be seen', () => {
    const [away, inHidden, program] = [screen(), screen(), screen()];
    away.video.className = 'away';
    const hidden = document.createElement('div');
    hidden.hidden = true;
    document.body.append(hidden);
    hidden.append(inHidden.video);
    stop = onScreen(live, { drawn, late });
    program.frame(1000);
    expect(calls()).toEqual([1, 0]);
  });

  it('does not vouch for a late frame, and tells when it comes', () => {
    const { frame } = screen();
    stop = onScreen(live, { drawn, late });
    vi.advanceTimersByTime(500);
    expect(calls()).toEqual([0, 1]);
    frame(900);
    expect(drawn).not.toHaveBeenCalled();
    frame(1000);
    expect(drawn).toHaveBeenCalledTimes(1);
  });

  it('stops waiting for a picture that is taken away meanwhile', () => {
    const [preview, program] = [screen(), screen()];
    stop = onScreen(live, { drawn, late });
    program.frame(1000);
    preview.video.className = 'away';
    vi.advanceTimersByTime(500);
    expect(calls()).toEqual([1, 0]);
  });

  it('waits for a picture that is put up meanwhile', () => {
    const program = screen();
    stop = onScreen(live, { drawn, late });
    const preview = screen();
    program.frame(1000);
    expect(calls()).toEqual([0, 0]);
    preview.frame(1000);
    expect(calls()).toEqual([1, 0]);
  });

  it('is over when it is stopped', () => {
    const { frame } = screen();
    stop = onScreen(live, { drawn, late });
    stop();
    frame(1000);
    vi.advanceTimersByTime(500);
    expect(calls()).toEqual([0, 0]);
  });

  it('does not wait where nothing draws the slot', () => {
    screen();
    stop = onScreen({ ...live, slot: 4 }, { drawn, late });
    expect(calls()).toEqual([1, 0]);
  });
});
