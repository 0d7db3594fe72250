import { beforeEach, describe, expect, it } from 'vitest';
import { bears, Decoding, fewer, remember } from './decode';

describe('decoding', () => {
  const run = (reports: number, dropped: number, pictures = 4) => {
    const decoding = new Decoding();
    return Array.from({ length: reports }, (_, i) =>
      decoding.tooMany(
        Array.from({ length: pictures }, () => ({
          type: 'inbound-rtp',
          kind: 'video',
          framesDecoded: 60 * (i + 1),
          framesDropped: dropped * (i + 1),
        })),
      ),
    );
  };

  it('is too much when many frames are dropped for a quarter of a minute', () => {
    expect(run(5, 60)).toEqual([false, false, false, false, true]);
  });
  it('is not when a few are, or for a moment', () => {
    expect(run(9, 20)).not.toContain(true);
    expect(run(4, 60)).not.toContain(true);
  });
  it('is not of one picture: there is none to leave out', () => {
    expect(run(9, 60, 1)).not.toContain(true);
  });
});

describe('what a machine bears', () => {
  beforeEach(() => localStorage.clear());
  it('goes down by the layouts there are, to one', () => {
    expect([25, 9, 8, 4, 2, 1].map(fewer)).toEqual([16, 6, 6, 2, 1, 1]);
  });
  it('is remembered for a day, and never more than asked for', () => {
    expect(bears(9)).toBe(9);
    remember(4, 1000);
    expect([bears(9, 2000), bears(2, 2000), bears(9, 1000 + 25 * 3_600_000)]).toEqual([4, 2, 9]);
  });
  it('is anything when what was remembered cannot be read', () => {
    localStorage.setItem('giaoban.pictures', '{');
    expect(bears(9)).toBe(9);
  });
});
