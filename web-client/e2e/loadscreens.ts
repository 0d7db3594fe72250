// The pictures of the load harness's pages, from reports that were made before:
// LOAD_REPORT (bin/L4.html, by make prove-load) and GROWTH_REPORT
// (bin/growth.html, by make prove-growth).

import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PNG } from 'pngjs';
import { afterAll, expect, it } from 'vitest';
import { launch } from './harness/browser.ts';
import { Cleanup } from './harness/cleanup.ts';
import { shrink } from './harness/palette.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const cleanup = new Cleanup();
afterAll(() => cleanup.run());

const pages = [
  { page: resolve(ROOT, process.env.LOAD_REPORT ?? 'bin/L4.html'), name: 'load-report' },
  { page: resolve(ROOT, process.env.GROWTH_REPORT ?? 'bin/growth.html'), name: 'load-growth' },
];

for (const { page, name } of pages) {
  // Without a report there is nothing to photograph: each takes minutes to make.
  it.skipIf(!existsSync(page))(`takes ${name}`, async () => {
    const browser = await launch(cleanup, { bare: true, viewport: { width: 1280, height: 900 } });
    const tab = await browser.newPage();
    const wrong: string[] = [];
    tab.on('pageerror', (error) => wrong.push(String(error)));
    await tab.goto(pathToFileURL(page).href);
    await tab.locator('#charts canvas').last().waitFor();
    const small = shrink(PNG.sync.read(await tab.screenshot({ fullPage: true })));
    writeFileSync(join(ROOT, 'docs/images', `${name}.png`), small);
    expect(wrong).toEqual([]);
    expect(small.length, `${name}.png is small enough for the repository`).toBeLessThan(400_000);
  });
}
