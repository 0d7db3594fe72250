// The minutes as their readers have them: a table of comma-separated values, or
// a page. Both become rows of the same words.

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
