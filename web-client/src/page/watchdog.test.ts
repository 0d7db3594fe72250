import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Frozen, Patience, reload } from './watchdog';

const picture = (framesDecoded: number, bytesReceived: number, mid = '4') => [
  { type: 'inbound-rtp', kind: 'video', mid, framesDecoded, bytesReceived },
];

describe('a picture', () => {
  let frozen: Frozen;
  beforeEach(() => {
    frozen = new Frozen();
  });
  const after = (...counts: [number, number][]) =>
    counts.map(([frames, packets], i) => frozen.found(picture(frames, packets), i * 6000));

  it('is frozen when packets come and no frame does', () => {
    expect(after([100, 1000], [100, 1100], [100, 1200])).toEqual([false, false, true]);
  });

  it('is not frozen while nothing is sent', () => {
    expect(after([100, 1000], [100, 1000], [100, 1000], [100, 1000])).toEqual([false, false, false, false]);
  });

  it('is not frozen while one frame comes now and then', () => {
    expect(after([100, 1000], [100, 1100], [101, 1200], [101, 1300])).toEqual([false, false, false, false]);
  });

  it('is forgotten with its connection', () => {
    after([100, 1000], [100, 1100]);
    frozen.restart();
    expect(frozen.found(picture(100, 1200), 99_000)).toBe(false);
  });

  it('is told at most once a minute', () => {
    const told = after(...Array.from({ length: 20 }, (_, i): [number, number] => [100, 1000 + i]));
    expect(told.flatMap((yes, i) => (yes ? [i] : []))).toEqual([2, 12]);
  });

  it('is found among others that move', () => {
    frozen.found([...picture(1, 1), ...picture(1, 1, '5')], 0);
    frozen.found([...picture(1, 2), ...picture(2, 2, '5')], 6000);
    expect(frozen.found([...picture(1, 3), ...picture(3, 3, '5')], 12_000)).toBe(true);
  });
});

describe('patience', () => {
  it('ends a minute and a half after the last good moment', () => {
    const patience = new Patience();
    expect(patience.ended(false, 1000)).toBe(false);
    expect(patience.ended(true, 80_000)).toBe(false);
    expect(patience.ended(false, 90_000)).toBe(false);
    expect(patience.ended(false, 179_000)).toBe(false);
    expect(patience.ended(false, 180_000)).toBe(true);
  });
});

describe('the last resort', () => {
  const loaded = vi.fn();
  beforeEach(() => {
    loaded.mockReset();
    sessionStorage.clear();
    vi.stubGlobal('location', { reload: loaded });
  });
  afterEach(() => vi.unstubAllGlobals());
  const server = (answer: () => Promise<{ ok: boolean }>) => vi.stubGlobal('fetch', answer);

  it('is taken when the server answers, and not again soon', async () => {
    server(async () => ({ ok: true }));
    const now = 1_000_000_000;
    expect(await reload(now)).toBe(true);
    expect(await reload(now + 300_000)).toBe(false);
    expect(await reload(now + 600_000)).toBe(true);
    expect(loaded).toHaveBeenCalledTimes(2);
  });

  it('is not taken while the server is away: its page would not load', async () => {
    server(() => Promise.reject(new TypeError()));
    expect(await reload()).toBe(false);
    server(async () => ({ ok: false }));
    expect(await reload()).toBe(false);
    expect(loaded).not.toHaveBeenCalled();
  });
});
