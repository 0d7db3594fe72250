// The minutes as their readers have them: a table of comma-separated values,
// a workbook, a page. All three become rows of the same words.

import { inflateRawSync } from 'node:zlib';
import type { Page } from 'playwright-core';

/** Rows of cells, without their head. */
export type Rows = string[][];

/** ofCSV reads comma-separated values (RFC 4180). */
export function ofCSV(file: Buffer): Rows {
  const text = file.toString().replace(/^\ufeff/, '');
  const rows: Rows = [[]];
  let cell = '';
  for (const [field, end] of [...text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n)/g)].map((m) => [m[1], m[2]])) {
    cell = field?.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : (field ?? '');
    rows.at(-1)?.push(cell);
    if (end !== ',') rows.push([]);
  }
  return rows.slice(1, -1);
}

/** seconds reads a length of time as the minutes write it, h:mm:ss. */
export function seconds(clock: string | undefined): number {
  const [h = Number.NaN, m = Number.NaN, s = Number.NaN] = (clock ?? '').split(':').map(Number);
  return h * 3600 + m * 60 + s;
}

/** moment reads a time of the minutes, dd/MM/yyyy hh:mm:ss, in seconds since some day. */
export function moment(text: string | undefined): number {
  const [, day, month, year, h, m, s] = /^(\d+)\/(\d+)\/(\d+) (\d+):(\d+):(\d+)$/.exec(text ?? '')?.map(Number) ?? [];
  return Date.UTC(year ?? Number.NaN, (month ?? 0) - 1, day, h, m, s) / 1000;
}

/** ofPage reads the tables of the page to print, by the id of their section. */
export async function ofPage(page: Page, html: Buffer): Promise<Record<string, Rows>> {
  await page.setContent(html.toString());
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('section')].map((section) => [
        section.id,
        [...section.querySelectorAll('tbody tr')].map((row) =>
          [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? ''),
        ),
      ]),
    ),
  );
}

/** ofBook reads a sheet of a workbook; numbers come as they are stored. */
export function ofBook(file: Buffer, sheet: number): Rows {
  const xml = entry(file, `xl/worksheets/sheet${sheet}.xml`).toString();
  return [...xml.matchAll(/<row\b[^>]*>(.*?)<\/row>/gs)].slice(1).map(([, row = '']) => {
    const cells: string[] = [];
    for (const [, column = '', inside = ''] of row.matchAll(/<c r="([A-Z])\d+"[^>]*?(?:\/>|>(.*?)<\/c>)/gs)) {
      cells[column.charCodeAt(0) - 65] = unescaped(/<(?:v|t)\b[^>]*>(.*?)<\/(?:v|t)>/s.exec(inside)?.[1] ?? '');
    }
    return Array.from(cells, (cell) => cell ?? '');
  });
}

/** stored is a cell of the table as a workbook stores it: times and lengths are days. */
export function stored(cell: string): string {
  const days = Number.isNaN(moment(cell)) ? seconds(cell) / 86_400 : moment(cell) / 86_400 + 25_569;
  return Number.isNaN(days) ? cell : days.toFixed(6);
}

/** entry takes a file out of a zip archive, by its directory at the end. */
function entry(zip: Buffer, name: string): Buffer {
  for (let at = zip.indexOf('PK\x01\x02', 0, 'latin1'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 4, 'latin1')) {
    const [method, packed, length] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28)];
    if (zip.toString('utf8', at + 46, at + 46 + length) !== name) continue;
    const local = zip.readUInt32LE(at + 42);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(from, from + packed);
    return method === 0 ? data : inflateRawSync(data);
  }
  throw new Error(`no ${name} in the workbook`);
}

function unescaped(xml: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return xml.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (all, dec, hex, name) =>
    name ? (named[name] ?? all) : String.fromCodePoint(dec ? Number(dec) : Number.parseInt(hex, 16)),
  );
}
