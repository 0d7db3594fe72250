// What a person in front of the page sees: the page is photographed, and the
// mark of internal/testmedia is read from the pixels where each picture stands.

import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';

/** The mark of one picture: the number of the point and of the frame. */
export interface Mark {
  room: number;
  frame: number;
}

/** A picture on the page: what the page claims beside it and what its pixels say. */
export interface Shown {
  /** The caption of the tile. */
  caption: string;
  /** The mark read from the pixels, null where there is none to read. */
  mark: Mark | null;
}

/** The green of a pixel, 0–255. */
type Green = (x: number, y: number) => number;

const COLUMNS = 16;
const ROWS = 2;
const NINTHS = 9;
/** The top edges of the two bands of a mark, in ninths of the picture's height. */
const TOPS = [0, 4];

/** readMark finds the mark in a picture of the given size. */
export function readMark(green: Green, width: number, height: number): Mark | null {
  for (const top of TOPS) {
    const row = (r: number) => {
      let bits = 0;
      const y = (height * (top + (r + 0.5) / ROWS)) / NINTHS;
      for (let c = 0; c < COLUMNS; c++) {
        const x = ((c + 0.5) * width) / COLUMNS;
        bits = (bits << 1) | (green(Math.floor(x), Math.floor(y)) > 127 ? 1 : 0);
      }
      return bits;
    };
    const mark = { room: row(0) >> 8, frame: row(1) };
    if (check(mark) === (row(0) & 0xff)) return mark;
  }
  return null;
}

/** check is the CRC-8 of a mark, as the package comment of internal/testmedia gives it. */
export function check({ room, frame }: Mark): number {
  let crc = 0xff;
  for (const byte of [room, frame >> 8, frame & 0xff]) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  }
  return crc;
}

/** A tile of the page and where in the window its picture stands. */
interface Place {
  caption: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** look photographs the page and reads every tile inside the element the selector finds. */
export async function look(page: Page, within = 'body'): Promise<Shown[]> {
  const places = await page.evaluate(findTiles, within);
  const photo = PNG.sync.read(await page.screenshot({ scale: 'css' }));
  return places.map(({ caption, x, y, width, height }) => ({
    caption,
    mark: readMark(greenOf(photo, x, y), width, height),
  }));
}

function greenOf(photo: PNG, left: number, top: number): Green {
  return (x, y) => {
    const [px, py] = [Math.floor(left + x), Math.floor(top + y)];
    if (px < 0 || py < 0 || px >= photo.width || py >= photo.height) return 0;
    return photo.data[(py * photo.width + px) * 4 + 1] ?? 0;
  };
}

/**
 * findTiles runs in the page: the tiles in reading order, each with its
 * caption and the box of its picture, which object-fit may make larger or
 * smaller than the element. A tile without a picture has an empty box.
 */
function findTiles(within: string): Place[] {
  const tiles = document.querySelectorAll<HTMLElement>(`${within} [data-testid="tile"]`);
  return [...tiles]
    .sort((a, b) => Number(a.dataset.index) - Number(b.dataset.index))
    .map((tile) => {
      const caption = tile.querySelector('.name')?.textContent?.trim() ?? '';
      const area = tile.getBoundingClientRect();
      const centre = { x: area.x + area.width / 2, y: area.y + area.height / 2 };
      const video = [...document.querySelectorAll('video')].find((v) => {
        const box = v.getBoundingClientRect();
        const around = box.left <= centre.x && centre.x <= box.right && box.top <= centre.y && centre.y <= box.bottom;
        return around && v.videoWidth > 0 && v.checkVisibility({ opacityProperty: true, visibilityProperty: true });
      });
      if (!video) return { caption, x: 0, y: 0, width: 0, height: 0 };
      const box = video.getBoundingClientRect();
      const choose = getComputedStyle(video).objectFit === 'cover' ? Math.max : Math.min;
      const scale = choose(box.width / video.videoWidth, box.height / video.videoHeight);
      const width = video.videoWidth * scale;
      const height = video.videoHeight * scale;
      return {
        caption,
        x: box.left + (box.width - width) / 2,
        y: box.top + (box.height - height) / 2,
        width,
        height,
      };
    });
}
