// Screenshots for the repository, made small: the 256 colours that serve a
// picture best (median cut, Heckbert 1982) and a PNG that indexes them.

import { crc32 as crc, deflateSync } from 'node:zlib';
import type { PNG } from 'pngjs';

/** A box of colours: 15-bit values with how often each occurs. */
type Box = [colour: number, count: number][];

const channel = (colour: number, c: number) => (colour >> (10 - 5 * c)) & 31;

/** shrink encodes the picture with at most 256 colours. */
export function shrink(picture: PNG): Buffer {
  const { width, height, data } = picture;
  const pixels = new Uint16Array(width * height);
  const histogram = new Map<number, number>();
  for (let i = 0; i < pixels.length; i++) {
    const at = 4 * i;
    const colour = (((data[at] ?? 0) >> 3) << 10) | (((data[at + 1] ?? 0) >> 3) << 5) | ((data[at + 2] ?? 0) >> 3);
    pixels[i] = colour;
    histogram.set(colour, (histogram.get(colour) ?? 0) + 1);
  }
  const boxes = medianCut([...histogram], 256);
  const indexOf = new Uint8Array(1 << 15);
  for (const [index, box] of boxes.entries()) for (const [colour] of box) indexOf[colour] = index;

  const rows = Buffer.alloc((width + 1) * height); // each row begins with filter type 0
  const sums = boxes.map(() => [0, 0, 0, 0]);
  for (let i = 0; i < pixels.length; i++) {
    const index = indexOf[pixels[i] ?? 0] ?? 0;
    rows[i + Math.floor(i / width) + 1] = index;
    const sum = sums[index] ?? [];
    for (const c of [0, 1, 2]) sum[c] = (sum[c] ?? 0) + (data[4 * i + c] ?? 0);
    sum[3] = (sum[3] ?? 0) + 1;
  }
  const palette = Buffer.from(sums.flatMap(([r = 0, g = 0, b = 0, n = 1]) => [r / n, g / n, b / n].map(Math.round)));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8); // eight bits, indexed
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** medianCut halves the box with the most pixels times extent until there are enough. */
function medianCut(colours: Box, count: number): Box[] {
  const boxes = [colours];
  while (boxes.length < count) {
    const weights = boxes.map((box) => (box.length > 1 ? population(box) * extent(box).size : 0));
    const heaviest = weights.indexOf(Math.max(...weights));
    const box = boxes[heaviest];
    if (!box || box.length < 2) break;
    const { axis } = extent(box);
    box.sort(([a], [b]) => channel(a, axis) - channel(b, axis));
    const half = population(box) / 2;
    let [middle, passed] = [0, 0];
    while (passed < half) passed += box[middle++]?.[1] ?? 0;
    boxes.push(box.splice(Math.min(middle, box.length - 1)));
  }
  return boxes;
}

function population(box: Box): number {
  return box.reduce((sum, [, n]) => sum + n, 0);
}

function extent(box: Box): { axis: number; size: number } {
  const sizes = [0, 1, 2].map((c) => {
    const values = box.map(([colour]) => channel(colour, c));
    return Math.max(...values) - Math.min(...values);
  });
  const size = Math.max(...sizes);
  return { axis: sizes.indexOf(size), size };
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), body.length + 4);
  return out;
}
