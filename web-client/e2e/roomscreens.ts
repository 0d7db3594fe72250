// The pictures of the room's pages in docs/screens.md, in every state.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { keep } from './harness/album.ts';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { Cleanup } from './harness/cleanup.ts';
import { clockAt, drawCamera, focalStates, roomStates, type Visit, wallStates } from './harness/roomstates.ts';

const cleanup = new Cleanup();
let bridge: Bridge;

beforeAll(async () => {
  bridge = await Bridge.start(cleanup);
});
afterAll(() => cleanup.run());

/** A television's picture is kept at 70 %: legible, and small. */
const where = async (lang: 'vi' | 'en', scale = 0.7) => {
  const context = await launch(cleanup, { bare: true, scale });
  await clockAt(context);
  await context.addInitScript(drawCamera);
  return { context, url: bridge.url, lang };
};

const wrong: string[] = [];
const album = (page: string, suffix = ''): Visit => keep(wrong, (state) => `${page}-${state}${suffix}`);

/** only passes over the states it does not want. */
const only =
  (states: string[], visit: Visit): Visit =>
  async (stage, name) => {
    if (states.includes(name)) await visit(stage, name);
  };

it("takes the room's television in Vietnamese", async () => roomStates(await where('vi'), album('room')));
it("takes the room's television in English", async () => roomStates(await where('en'), album('room', '-en')));
// As wide a picture, of a page four times the size.
it('takes the kiosk at 4K', async () =>
  roomStates(
    { ...(await where('vi', 0.35)), viewport: { width: 3840, height: 2160 } },
    only(['asked', 'speaking', 'lobby', 'presentation'], album('room', '-4k')),
  ));
it("takes the officer's telephone", async () => focalStates(await where('vi', 2), album('focal')));
it('takes a wall', async () => wallStates(await where('vi'), album('wall')));
it('has nothing wrong by axe-core in any of them', () => expect(wrong).toEqual([]));
