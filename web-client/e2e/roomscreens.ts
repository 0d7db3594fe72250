// The pictures of the room's pages in docs/screens.md, in every state.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { violations } from './harness/axe.ts';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { Cleanup } from './harness/cleanup.ts';
import { shrink } from './harness/palette.ts';
import { clockAt, drawCamera, focalStates, roomStates, type Visit, wallStates } from './harness/roomstates.ts';
import { settle } from './harness/settle.ts';

const IMAGES = resolve(import.meta.dirname, '../../docs/images');
const MAX_BYTES = 250_000;

const cleanup = new Cleanup();
let bridge: Bridge;

beforeAll(async () => {
  mkdirSync(IMAGES, { recursive: true });
  bridge = await Bridge.start(cleanup);
});
afterAll(() => cleanup.run());

const where = async (lang: 'vi' | 'en') => {
  const context = await launch(cleanup, { bare: true });
  await clockAt(context);
  await context.addInitScript(drawCamera);
  return { context, url: bridge.url, lang };
};

/** taker takes a picture of each state and has axe-core judge it; the visits it does not want are passed over. */
const taker =
  (page: string, only?: string[], suffix = ''): Visit =>
  async (stage, name) => {
    if (only && !only.includes(name)) return;
    await settle(stage.page);
    const picture = `${page}-${name}${suffix}`;
    taken.set(picture, await stage.page.screenshot());
    wrong.push(...(await violations(stage.page)).map((found) => `${picture}: ${found}`));
  };
const wrong: string[] = [];

/** Shrinking takes seconds, in which no stage is told the time; it waits until all pictures are taken. */
const taken = new Map<string, Buffer>();

it("takes the room's television in Vietnamese", async () => roomStates(await where('vi'), taker('room')));
it("takes the room's television in English", async () =>
  roomStates(await where('en'), taker('room', ['actions', 'invited', 'speaking', 'lost', 'lobby', 'closing'], '-en')));
it('takes the kiosk at 4K', async () =>
  roomStates(
    { ...(await where('vi')), viewport: { width: 3840, height: 2160 } },
    taker('room', ['asked', 'lobby'], '-4k'),
  ));
it("takes the officer's telephone", async () => focalStates(await where('vi'), taker('focal')));
it('takes a wall', async () => wallStates(await where('vi'), taker('wall')));
it('has nothing wrong by axe-core in any of them', () => expect(wrong).toEqual([]));
it('makes them small enough for the repository', () => {
  for (const [name, picture] of taken) {
    const small = shrink(PNG.sync.read(picture));
    expect(small.length, name).toBeLessThan(MAX_BYTES);
    writeFileSync(join(IMAGES, `${name}.png`), small);
  }
});
