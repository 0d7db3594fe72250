// The pictures of docs/screens.md: taken one after the other and kept as small
// as the repository wants them. Each state is judged as it is taken, by axe-core
// and by whether its names can be read, so that one command shows every page and
// finds what is wrong with it.

import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { violations } from './axe.ts';
import { cutNames } from './cut.ts';
import { settle } from './settle.ts';

const IMAGES = resolve(import.meta.dirname, '../../../docs/images/screens');
const MAX_BYTES = 250_000;

/** keep writes a picture of each state: JPEG, as fine as the size allows. What axe finds goes to wrong. */
export function keep(wrong: string[], nameOf: (state: string) => string = (state) => state) {
  return async ({ page }: { page: Page }, state: string): Promise<void> => {
    await settle(page);
    const name = nameOf(state);
    const file = join(IMAGES, `${name}.jpg`);
    mkdirSync(dirname(file), { recursive: true });
    for (const quality of [82, 70, 58, 46]) {
      writeFileSync(file, await page.screenshot({ type: 'jpeg', quality }));
      if (statSync(file).size <= MAX_BYTES) break;
    }
    expect(statSync(file).size, `${name} is small enough for the repository`).toBeLessThanOrEqual(MAX_BYTES);
    const found = [...(await cutNames(page)), ...(await violations(page))];
    wrong.push(...found.map((what) => `${name}: ${what}`));
  };
}
