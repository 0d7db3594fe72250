// The console of a real meeting of bots that the server measures once a second,
// each with its own media: what arrives, how long a key takes to show, what the
// page holds on to. GIAOBAN_PROVE_CONSOLE is the length in seconds, with 250
// points; without it the run is short and the meeting small.

import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import './harness/exposed.ts';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { Cleanup } from './harness/cleanup.ts';
import { report } from './harness/figures.ts';
import { firstUsablePaint, type, watchFirstPaint } from './harness/quickness.ts';
import { until } from './harness/wait.ts';

const proved = Number(process.env.GIAOBAN_PROVE_CONSOLE ?? 0);
const seconds = proved || 5;
const points = proved ? 250 : 40;
/** How much the page may grow: a desk that keeps what it is told would pass it within minutes. */
const mostGrowth = 12_000_000;
/** How long all the bots may take to come in on a machine that plays them too. */
const joinedMs = 600_000;

const cleanup = new Cleanup();
let page: Page;
let cdp: CDPSession;
beforeAll(async () => {
  const bridge = await Bridge.start(cleanup, { points, demoPoints: points });
  const context = await launch(cleanup);
  page = await context.newPage();
  await page.setViewportSize({ width: 2560, height: 1440 });
  await page.goto(bridge.link('/console'));
  cdp = await context.newCDPSession(page);
});
afterAll(() => cleanup.run());

const present = () => page.evaluate(() => window.__giaoban.state.meeting.value?.present);

describe(`the console of ${points} bots`, () => {
  it(
    'has all of them',
    async () => {
      await until('every point', async () => (await present()) === points, { withinMs: joinedMs, seen: present });
      expect(await page.locator('.led').count()).toBe(points);
    },
    joinedMs + 20_000,
  );

  it('can be used soon after it is opened', async () => {
    await page.addInitScript(watchFirstPaint);
    await page.reload();
    report({ bots: points, firstUsablePaintMs: await firstUsablePaint(page) });
    expect(await page.locator('.led').count()).toBe(points);
  });

  it(
    'shows a key at once while the server measures every point every second, and keeps its memory',
    async () => {
      await page.evaluate(countMeasurements);
      await until('every point to be measured', () => page.evaluate((n) => window.giaobanMeasured.size === n, points));
      const [began, already] = [Date.now(), await page.evaluate(() => window.giaobanMeasurements)];
      const typed = await type(page, cdp, seconds);
      const arrived = (await page.evaluate(() => window.giaobanMeasurements)) - already;
      const took = (Date.now() - began) / 1000;
      report({ bots: points, seconds: Math.round(took), measurements: arrived, ...typed });
      expect(arrived, 'measurements').toBeGreaterThan(took * points * 0.5);
      const [before = 0] = typed.heapBytes;
      expect((typed.heapBytes.at(-1) ?? 0) - before).toBeLessThan(mostGrowth);
      expect(await present(), 'points that stayed').toBe(points);
    },
    (seconds + 180) * 1000,
  );
});

declare global {
  interface Window {
    giaobanMeasured: Set<string>;
    giaobanMeasurements: number;
  }
}

/** countMeasurements counts what the page is told of the lines of points. */
function countMeasurements(): void {
  const { lines } = window.__giaoban.state;
  const take = lines.take.bind(lines);
  window.giaobanMeasured = new Set();
  window.giaobanMeasurements = 0;
  lines.take = (point, sample) => {
    window.giaobanMeasured.add(point);
    window.giaobanMeasurements++;
    take(point, sample);
  };
}
