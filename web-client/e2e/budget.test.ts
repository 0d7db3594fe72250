// What each page weighs: all scripts it loads at once, and those it may load
// later, as they cross the line.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const DIST = resolve(import.meta.dirname, '../dist');

/** Most bytes of JavaScript, compressed, of a page with everything it can load. */
const budgets = { room: 60_000, console: 150_000, chair: 60_000 };

/** weigh follows a page's scripts through their imports. */
function weigh(page: string): { bytes: number; files: string[] } {
  const seen = new Set<string>();
  const waiting = [...readFileSync(join(DIST, `${page}.html`), 'utf8').matchAll(/assets\/([\w-]+\.js)/g)].map(
    (m) => m[1] ?? '',
  );
  const all = readdirSync(join(DIST, 'assets')).filter((name) => name.endsWith('.js'));
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(join(DIST, 'assets', file), 'utf8');
    waiting.push(...all.filter((name) => text.includes(name)));
  }
  const bytes = [...seen].reduce((sum, name) => sum + gzipSync(readFileSync(join(DIST, 'assets', name))).length, 0);
  return { bytes, files: [...seen] };
}

describe('the scripts of a page', () => {
  it.each(Object.entries(budgets))('%s weigh at most %i bytes', (page, most) => {
    const { bytes, files } = weigh(page);
    expect(files.length).toBeGreaterThan(1);
    expect(bytes).toBeLessThanOrEqual(most);
  });

  it('of a room hold nothing of the console', () => {
    expect(weigh('room').files.filter((name) => /console|Links|chair/.test(name))).toEqual([]);
  });
});
