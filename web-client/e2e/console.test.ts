// The console with 250 points while 250 measurements a second arrive, told by
// the test: how soon it can be used, how long a key takes to show, what one
// point's change draws again, what a Vietnamese input method does to its keys,
// and what memory does. Times are reported, counts are held. The console of 250
// bots, for half an hour, is in desk.test.ts.

import './harness/exposed.ts';
import type { CDPSession } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { View } from '../src/wire.ts';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { Cleanup } from './harness/cleanup.ts';
import { report } from './harness/figures.ts';
import { crowd, moment } from './harness/province.ts';
import { firstUsablePaint, type, watchFirstPaint } from './harness/quickness.ts';
import { Stage } from './harness/staged.ts';

const seconds = 12;
const points = 250;
/** How much the page may grow: a desk that keeps what it is told would pass it within minutes. */
const mostGrowth = 12_000_000;

const cleanup = new Cleanup();
let stage: Stage;
let view: View;
let cdp: CDPSession;
beforeAll(async () => {
  const bridge = await Bridge.start(cleanup, { demoPoints: 0 });
  const context = await launch(cleanup);
  view = crowd(points);
  stage = await Stage.open(context, {
    url: bridge.link('/console'),
    role: 'controller',
    view,
    at: moment,
    viewport: { width: 2560, height: 1440 },
    media: false,
    prepare: watchFirstPaint,
  });
  cdp = await context.newCDPSession(stage.page);
});
afterAll(() => cleanup.run());

describe(`a console of ${points} points`, () => {
  it('can be used soon after it is opened', async () => {
    const ms = await firstUsablePaint(stage.page);
    report({ firstUsablePaintMs: ms });
    expect(await stage.page.locator('.led').count()).toBe(points);
    expect(ms).toBeGreaterThan(0);
  });

  it('draws one point again when one point changes', async () => {
    const id = 'hg-120';
    const row = view.roster?.[id];
    if (!row) throw new Error(`no ${id}`);
    await stage.page.evaluate(watchChanges);
    stage.patch({ roster: { [id]: { ...row, cameraOff: true, mic: 'invited' } } });
    await stage.page.waitForFunction((p) => document.querySelector(`.led[data-point="${p}"].is-grant`), id);
    const changed = await stage.page.evaluate(() => [...window.giaobanChanged]);
    report({ pointsDrawnAgain: changed.length });
    expect(changed).toEqual([id]);
  });

  it('gives an input method its keys while it composes, and takes them back afterwards', async () => {
    const { page } = stage;
    const search = page.getByTestId('search');
    const given = () => stage.sent.filter((m) => /^(floor|mic|layout|banner|rotation)\./.test(m.t)).length;
    const before = given();
    await page.keyboard.press('Slash');
    await compose('xín mần', ['KeyX', 'KeyM', 'KeyF', 'Space', 'Escape', 'Enter']);
    expect(await search.inputValue()).toBe('xín mần');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-field'))).toBe('search');
    await page.locator('.tree, .found, .needs').first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+KeyB');
    await compose('Nghỉ giải lao', ['KeyG', 'Enter']);
    expect(given(), 'nothing was done while the words were being made').toBe(before);
    await page.keyboard.press('Enter');
    await expect.poll(() => stage.commands('banner.set').map((d) => d.text)).toEqual(['Nghỉ giải lao']);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+KeyM');
    await expect.poll(() => stage.commands('floor.closeAll').length).toBe(1);
    await page.keyboard.press('Slash');
    await search.fill('');
    await page.keyboard.press('Escape');
  });

  it(
    'shows a key at once while 250 measurements a second arrive, and keeps its memory',
    async () => {
      await stage.page.evaluate(feed, Object.keys(view.roster ?? {}));
      // What the desk keeps of ten minutes is there from the first second on: its rings are made whole.
      await stage.page.waitForTimeout(2000);
      const typed = await type(stage.page, cdp, seconds);
      const fed = await stage.page.evaluate(() => window.giaobanFed);
      report({ seconds, measurements: fed, ...typed });
      expect(fed).toBeGreaterThan(seconds * points * 0.5);
      const [before = 0] = typed.heapBytes;
      expect((typed.heapBytes.at(-1) ?? 0) - before).toBeLessThan(mostGrowth);
    },
    (seconds + 120) * 1000,
  );
});

/** compose has an input method make words in the field that has the focus, of keys it keeps to itself. */
async function compose(words: string, keys: string[]): Promise<void> {
  for (const [i, code] of keys.entries()) {
    const text = words.slice(0, i + 1);
    await cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    for (const type of ['rawKeyDown', 'keyUp'] as const)
      await cdp.send('Input.dispatchKeyEvent', { type, code, key: 'Process', windowsVirtualKeyCode: 229 });
  }
  await cdp.send('Input.insertText', { text: words });
}

declare global {
  interface Window {
    giaobanChanged: Set<string>;
    giaobanFed: number;
  }
}

/** watchChanges notes of which points anything is drawn again. */
function watchChanges(): void {
  window.giaobanChanged = new Set();
  const seen = new MutationObserver((records) => {
    for (const { target } of records) {
      const at = target instanceof Element ? target : target.parentElement;
      const point = at?.closest<HTMLElement>('[data-point]')?.dataset.point;
      if (point) window.giaobanChanged.add(point);
    }
  });
  const where = document.querySelectorAll('.tree, .wall');
  for (const part of where)
    seen.observe(part, { subtree: true, childList: true, attributes: true, characterData: true });
}

/** feed measures every point's line once a second, ten at a time, as the server's batches do. */
function feed(ids: string[]): void {
  const { state } = window.__giaoban;
  window.giaobanFed = 0;
  let next = 0;
  const started = performance.now();
  setInterval(() => {
    const due = ((performance.now() - started) / 1000) * ids.length;
    for (; window.giaobanFed < due; window.giaobanFed++) {
      const loss = Math.random() * 2;
      const word = Math.random() < 0.05 ? 'weak' : 'good';
      state.lines.take(ids[next++ % ids.length] ?? '', { at: Date.now(), loss, rttMs: 40, jitterMs: 5, word });
    }
  }, 40);
}
