// A layout as a small drawing, for keys that carry it.
import type { LayoutKind } from '../wire';

/** Where each arrangement's tiles lie on a screen of 12 by 12. */
const thumbs: Record<LayoutKind, [number, number, number, number][]> = {
  '1': [[0, 0, 12, 12]],
  '1+1': [
    [0, 3, 6, 6],
    [6, 3, 6, 6],
  ],
  '2x2': cells(2),
  '3x3': cells(3),
  '1+5': [[0, 0, 8, 8], ...cells(3).filter(([x, y]) => x === 8 || y === 8)],
  'content+1': [
    [0, 0, 9, 10],
    [9, 0, 3, 3],
  ],
  '1+7': [[0, 0, 9, 9], ...cells(4).filter(([x, y]) => x === 9 || y === 9)],
  '1+12': [[0, 0, 6, 6], ...cells(4).filter(([x, y]) => x >= 6 || y >= 6)],
  '4x4': cells(4),
  '5x5': cells(5),
  'content+strip': [[0, 0, 12, 9.6], ...cells(5).slice(20)],
};

function cells(n: number): [number, number, number, number][] {
  const size = 12 / n;
  return Array.from({ length: n * n }, (_, i) => [(i % n) * size, Math.floor(i / n) * size, size, size]);
}

/** Thumb draws a layout. */
export function Thumb({ kind }: { kind: LayoutKind }) {
  return (
    <svg class="thumb" viewBox="0 0 54 32" aria-hidden="true">
      {thumbs[kind].map(([x, y, w, h], i) => (
        <rect
          key={`${x} ${y}`}
          x={x * 4.5 + 1}
          y={(y * 32) / 12 + 1}
          width={w * 4.5 - 2}
          height={(h * 32) / 12 - 2}
          fill={i === 0 ? '#f3f5f2' : '#8f9692'}
        />
      ))}
    </svg>
  );
}
