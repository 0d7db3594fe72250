// What axe-core finds wrong with a page as the browser has drawn it: every
// rule, contrast among them.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Where two hundred things are alike, the first few stand for all. */
const alike = ['.line:nth-child(n+4)', '.dis:nth-child(n+8)', '.sheet li:nth-child(n+70)'];

/** violations lists what axe finds, as "rule: element". */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(source);
  return page.evaluate(async (exclude) => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const found = await axe.run({ include: [['html']], exclude: exclude.map((at) => [at]) });
    return found.violations.flatMap((v) =>
      v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)} ${n.failureSummary ?? ''}`),
    );
  }, alike);
}
