import { describe, expect, it } from 'vitest';
import { fill, gaps } from './fill';

const screen = { width: 2536, height: 1330 };
/** Hà Giang: the province's own rooms, then its eleven districts. */
const province = [11, 9, 20, 19, 19, 14, 25, 14, 26, 20, 24, 16];

/** height is what the arrangement takes from top to bottom. */
function height(sizes: number[], { columns, width, grouped }: ReturnType<typeof fill>): number {
  const of = grouped ? sizes : [sizes.reduce((a, b) => a + b, 0)];
  const rows = of.reduce((sum, n) => sum + Math.ceil(n / columns), 0);
  return (rows * width * 9) / 16 + (rows - of.length) * gaps.still + (of.length - 1) * gaps.district;
}

describe('stills', () => {
  it('of a province keep their districts, and leave no quarter of the screen empty', () => {
    const found = fill(province, screen);
    expect(found.grouped).toBe(true);
    expect(height(province, found)).toBeGreaterThan(0.9 * screen.height);
  });

  it.each([2, 3, 5, 9, 22, 50, 99, 217])('of %i points without districts fill a screen and stay on it', (n) => {
    const found = fill([n], screen);
    expect(found.grouped).toBe(false);
    const [columns, rows] = [Math.min(n, found.columns), Math.ceil(n / found.columns)];
    const across = columns * found.width + (columns - 1) * gaps.still;
    const down = height([n], found);
    expect(across).toBeLessThanOrEqual(screen.width);
    expect(down).toBeLessThanOrEqual(screen.height);
    // One side is full; a larger still would need a row or a column that is not there.
    expect(Math.max(across / screen.width, down / screen.height)).toBeGreaterThan(0.9);
    expect(rows * columns).toBeGreaterThanOrEqual(n);
  });

  it('of many districts with one room each are one wall, not twelve rows', () => {
    const found = fill(Array(12).fill(1), screen);
    expect(found).toEqual({ ...fill([12], screen), grouped: false });
    expect(found.width).toBeGreaterThan(600);
  });

  it('never outgrow any screen', () => {
    for (const width of [1280, 1920, 3840])
      for (const high of [600, 1080, 2160])
        for (const sizes of [province, [1], [217], [3, 200], Array(40).fill(2)]) {
          const found = fill(sizes, { width, height: high });
          expect(found.width, `${width}x${high}`).toBeGreaterThan(0);
          expect(height(sizes, found)).toBeLessThanOrEqual(high);
        }
  });

  it('stay large enough to be told apart, and are scrolled, where a desk is small', () => {
    const found = fill(province, { width: 500, height: 120 });
    expect(found.width).toBe(28);
    expect(found.columns * (found.width + gaps.still)).toBeLessThanOrEqual(500 + gaps.still);
    expect(height(province, found)).toBeGreaterThan(120);
  });

  it('of nobody need no room', () => {
    expect(fill([], screen).grouped).toBe(false);
  });
});
