import { describe, expect, it } from 'vitest';
import { check, type Mark, readMark } from './harness/picture.ts';

// A picture that holds only a mark, drawn as internal/testmedia draws it.
function draw(mark: Mark, width: number, height: number, tops = [0, 4]) {
  return (x: number, y: number) => {
    const ninth = (y * 9) / height;
    const top = tops.find((t) => ninth >= t && ninth < t + 1);
    if (top === undefined) return 90;
    const bits = ninth - top < 0.5 ? (mark.room << 8) | check(mark) : mark.frame;
    return (bits >> (15 - Math.floor((x * 16) / width))) & 1 ? 235 : 16;
  };
}

describe('the mark in a picture', () => {
  it("has the check of the specification's example", () => {
    expect(check({ room: 7, frame: 300 })).toBe(0xec);
  });

  it('is read at every size, from either band', () => {
    for (const [width, height] of [
      [1920, 1080],
      [640, 360],
      [160, 90],
      [213, 120],
    ] as const) {
      for (const tops of [[0, 4], [0], [4]]) {
        const mark = { room: 22, frame: 4711 };
        expect(readMark(draw(mark, width, height, tops), width, height)).toEqual(mark);
      }
    }
  });

  it('is not found in a black, a white or a grey picture', () => {
    for (const shade of [0, 16, 127, 235, 255]) {
      expect(readMark(() => shade, 640, 360)).toBeNull();
    }
  });
});
