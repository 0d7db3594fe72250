// A room nobody looks after: its line is cut, its server is killed, its
// devices are pulled out, in the middle of a turn or not. It always comes back
// by itself, with its microphone closed, and holds on to nothing.
//
// GIAOBAN_SOAK_MINUTES makes the same test long: make prove-kiosk.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import './harness/exposed.ts';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { ARTIFACTS, captureOf } from './harness/capture.ts';
import { Cleanup } from './harness/cleanup.ts';
import { Firewall } from './harness/firewall.ts';
import { type Held, held } from './harness/memory.ts';
import { pointOf } from './harness/points.ts';
import { installPlug } from './harness/unplug.ts';
import { until } from './harness/wait.ts';

const MINUTES = Number(process.env.GIAOBAN_SOAK_MINUTES ?? 0);
const ROOM = 6;

const cleanup = new Cleanup();
const started = Date.now();
let bridge: Bridge;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  bridge = await Bridge.start(cleanup, { demoPoints: 5 });
  const context = await launch(cleanup, { capture: captureOf(2), bare: true, viewport: { width: 1280, height: 720 } });
  browser = context.browser() as Browser;
  await context.addInitScript(installPlug);
  page = await context.newPage();
  await page.goto(bridge.roomLink(ROOM));
  const tiles = [ROOM, 1, 2, 3].map((n) => ({ kind: 'point', point: pointOf(n).id }));
  const layout = { kind: '2x2', tiles };
  await bridge.command('layout.set', { audience: 'all', layout });
});
afterAll(() => cleanup.run());

/** Look is what the page shows and does, read in one go. */
interface Look {
  link?: string;
  media?: string;
  mic?: string;
  lost: boolean;
  frames: number;
  sending: number;
  /** When the page was loaded: the watchdog's last resort shows here. */
  loaded: number;
}

function look(): Promise<Look> {
  return page.evaluate(async () => {
    const { link, media } = document.documentElement.dataset;
    const stats = [...((await window.__giaoban.link.stats())?.values() ?? [])];
    const sum = (type: string, field: string) =>
      stats.filter((s) => s.type === type && s.kind === 'video').reduce((n, s) => n + (s[field] ?? 0), 0);
    const room = document.querySelector<HTMLElement>('[data-testid="room"]');
    const lost = document.querySelector('[data-testid="lost"]') !== null;
    const [frames, sending] = [sum('inbound-rtp', 'framesDecoded'), sum('outbound-rtp', 'framesSent')];
    return { link, media, mic: room?.dataset.mic, lost, frames, sending, loaded: performance.timeOrigin };
  });
}

/** well waits until link and media are up and pictures move both ways; the microphone must not be open. */
async function well(after: string): Promise<number> {
  const since = Date.now();
  let seen: Look | undefined;
  const moving = async () => {
    const was = seen;
    seen = await look();
    expect(seen.mic, `the microphone after ${after}`).not.toBe('on');
    if (seen.link !== 'up' || seen.media !== 'up' || seen.lost) return false;
    return was !== undefined && seen.frames > was.frames && seen.frames > 0 && seen.sending > was.sending;
  };
  await until(`the room to be back after ${after}`, moving, { withinMs: 90_000, everyMs: 700, seen: () => seen });
  return Date.now() - since;
}

const reads = (mic: string) =>
  until(`the plate to read ${mic}`, async () => (await look()).mic === mic, { everyMs: 300, seen: look });

/** speak gives the room the floor, and it takes it. */
async function speak(): Promise<void> {
  await bridge.command('floor.give', { point: pointOf(ROOM).id });
  await reads('invited');
  await page.keyboard.press('Enter');
  await reads('on');
}

async function cutLine(ms: number, ports: number[]): Promise<void> {
  const cut = Firewall.cut(cleanup, ports);
  await page.waitForTimeout(ms);
  cut.mend();
}

const http = () => Number(new URL(bridge.url).port);

/** What happens to a room; each ends with the cause gone and the room still alone. */
const blows: Record<string, () => Promise<void>> = {
  'a microphone pulled out in mid-turn and put back': async () => {
    await speak();
    await page.evaluate(() => window.giaobanPlug.out('audio'));
    await reads('invited');
    await page.evaluate(() => window.giaobanPlug.back('audio'));
  },
  'a camera pulled out and put back': async () => {
    await page.evaluate(() => window.giaobanPlug.out('video'));
    await page.getByText('vừa bị rút ra').first().waitFor({ state: 'visible' });
    await page.evaluate(() => window.giaobanPlug.back('video'));
  },
  'a server killed in mid-turn': async () => {
    await speak();
    await bridge.kill();
    await bridge.run();
  },
  'a cut of sixteen seconds in mid-turn': async () => {
    await speak();
    await cutLine(16_000, [http(), bridge.mediaPort]);
  },
  'a killed server': async () => {
    await bridge.kill();
    await until('the room to say so', async () => (await look()).link === 'lost');
    await bridge.run();
  },
  'a long cut': () => cutLine(45_000, [http(), bridge.mediaPort]),
  'a cut of media alone': () => cutLine(12_000, [bridge.mediaPort]),
  'both devices pulled out for ten seconds': async () => {
    for (const kind of ['video', 'audio'] as const) await page.evaluate((k) => window.giaobanPlug.out(k), kind);
    await page.waitForTimeout(10_000);
    for (const kind of ['video', 'audio'] as const) await page.evaluate((k) => window.giaobanPlug.back(k), kind);
  },
};
/** The short form takes the first of them. */
const SHORT = 4;

const record: { at: number; blow: string; backMs: number; loaded: number; held: Held }[] = [];

async function take(blow: string): Promise<void> {
  await blows[blow]?.();
  const backMs = await well(blow);
  await bridge.command('floor.closeAll', {});
  const { loaded } = await look();
  record.push({ at: Date.now() - started, blow, backMs, loaded, held: await held(browser, page) });
}

describe('a room left alone', () => {
  it('joins by itself, muted', async () => {
    await well('power-on');
    expect((await look()).mic).toBe('off');
  });

  it('comes back from everything, muted', { timeout: (MINUTES + 10) * 60_000 }, async () => {
    const names = Object.keys(blows);
    for (const name of names.slice(0, SHORT)) await take(name);
    for (let n = 0; Date.now() - started < MINUTES * 60_000; n++) {
      await take(names[(n * 5 + 3) % names.length] ?? '');
      await page.waitForTimeout(5000);
    }
    report();
  });

  it('holds on to nothing', () => {
    const [first, last] = MINUTES ? [middle(0.1, 0.4), middle(0.7, 1)] : [record[0]?.held, record.at(-1)?.held];
    if (!first || !last) throw new Error('nothing was measured');
    expect(last.heap, 'heap after collection').toBeLessThan(first.heap * 1.15 + 2e6);
    expect(last.nodes, 'nodes').toBeLessThan(first.nodes * 1.1 + 100);
    expect(last.listeners, 'listeners').toBeLessThan(first.listeners * 1.1 + 50);
    expect(last.rss, 'resident memory').toBeLessThan(first.rss * 1.25 + 60e6);
  });
});

/** middle is the median of each figure between two shares of the run. */
function middle(from: number, to: number): Held {
  const part = record.slice(Math.floor(record.length * from), Math.ceil(record.length * to)).map((r) => r.held);
  const median = (of: (h: Held) => number) => part.map(of).sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? 0;
  return {
    heap: median((h) => h.heap),
    nodes: median((h) => h.nodes),
    listeners: median((h) => h.listeners),
    rss: median((h) => h.rss),
  };
}

function report(): void {
  mkdirSync(ARTIFACTS, { recursive: true });
  writeFileSync(join(ARTIFACTS, 'kiosk.json'), JSON.stringify(record, null, 1));
  const back = record.map((r) => r.backMs).sort((a, b) => a - b);
  const mb = (n = 0) => (n / 1e6).toFixed(1);
  const [a, z] = [record[0]?.held, record.at(-1)?.held];
  process.stdout.write(
    `kiosk: ${record.length} blows in ${Math.round((Date.now() - started) / 60_000)} min; back after ` +
      `${back[Math.floor(back.length / 2)]} ms (median), ${back.at(-1)} ms (longest); ` +
      `heap ${mb(a?.heap)} → ${mb(z?.heap)} MB, nodes ${a?.nodes} → ${z?.nodes}, rss ${mb(a?.rss)} → ${mb(z?.rss)} MB; ` +
      `loaded again ${new Set(record.map((r) => r.loaded)).size - 1} times\n`,
  );
}
