// How the stills fill a screen: pure arithmetic, tested without one.

/** Box is the room there is, in pixels. */
export interface Box {
  width: number;
  height: number;
}

/** Fill is an arrangement of stills of 16:9. */
export interface Fill {
  /** Stills beside each other. */
  columns: number;
  /** The width of one, in pixels. */
  width: number;
  /** Whether each district begins a row of its own, with its name before it. */
  grouped: boolean;
}

/** Pixels between two stills, between two districts, and before a row for a district's name. */
export const gaps = { still: 3, district: 7, name: 132 };

/** A wall in districts may give up this share of a still's area: a dark valley shows without reading. */
const worth = 0.5;

/** A still is never smaller than this, in pixels: on a small desk the wall is scrolled instead. */
const least = 28;

/** fill finds the largest stills with which districts of these sizes fill the box. */
export function fill(sizes: number[], box: Box): Fill {
  const all = sizes.reduce((sum, n) => sum + n, 0);
  const flat = { ...largest([all], box), grouped: false };
  const rows = { ...largest(sizes, { ...box, width: box.width - gaps.name }), grouped: true };
  return sizes.length > 1 && rows.width ** 2 >= worth * flat.width ** 2 ? rows : flat;
}

function largest(sizes: number[], { width, height }: Box): { columns: number; width: number } {
  const fitting = Math.max(1, Math.floor((width + gaps.still) / (least + gaps.still)));
  let best = { columns: fitting, width: least };
  for (let columns = 1; columns <= Math.max(1, ...sizes); columns++) {
    const rows = sizes.reduce((sum, n) => sum + Math.ceil(n / columns), 0);
    const between = (sizes.length - 1) * gaps.district + (rows - sizes.length) * gaps.still;
    const across = (width - (columns - 1) * gaps.still) / columns;
    const down = ((height - between) / rows) * (16 / 9);
    const fits = Math.floor(Math.min(across, down));
    if (fits > best.width) best = { columns, width: fits };
  }
  return best;
}
