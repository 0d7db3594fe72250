// The pictures of the README, taken from the running product with its
// simulated points; and more states, in .artifacts/looks, for people to look at.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { ARTIFACTS, lookOf, makeLooks } from './harness/capture.ts';
import { Cleanup } from './harness/cleanup.ts';
import { shrink } from './harness/palette.ts';
import { Chair, Desk, type Person, Room } from './harness/people.ts';
import { pointOf } from './harness/points.ts';
import { until } from './harness/wait.ts';

const IMAGES = resolve(import.meta.dirname, '../../docs/images');
const LOOKS = join(ARTIFACTS, 'looks');
const MAX_BYTES = 400_000;

const cleanup = new Cleanup();
let bridge: Bridge;
let desk: Desk;
let chair: Chair;
let room: Room;
let other: Room;

beforeAll(async () => {
  makeLooks();
  mkdirSync(IMAGES, { recursive: true });
  mkdirSync(LOOKS, { recursive: true });
  bridge = await Bridge.start(cleanup, { demoPoints: 19 });
  const office = await launch(cleanup);
  desk = await Desk.enter(office, bridge, { width: 2560, height: 1440 });
  chair = await Chair.enter(office.browser() as Browser, bridge);
  const viewport = { width: 1920, height: 1080 };
  room = await Room.enter(cleanup, bridge, 20, { capture: lookOf(3), viewport });
  other = await Room.enter(cleanup, bridge, 21, { capture: lookOf(1), viewport });
});
afterAll(() => cleanup.run());

it('takes the pictures', async () => {
  await picture(room, LOOKS, 'room-first');
  await picture(chair, LOOKS, 'chair-quiet');
  await desk.show('1+5', [0, 1, 5, 20, 9, 21]);
  await until('two requests', async () => (await chair.page.getByTestId('request').count()) >= 2);
  await picture(desk, LOOKS, 'console-asked');
  await chair.press(/Mời điểm cầu tiếp theo/);
  await chair.reads('ĐANG PHÁT BIỂU');
  await picture(room, IMAGES, 'room');
  await picture(desk, IMAGES, 'console');
  await picture(chair, IMAGES, 'chair');

  await room.page.keyboard.press('ArrowDown');
  await picture(room, LOOKS, 'room-actions');
  // Making a picture small takes seconds, after which the bar has gone by itself.
  await room.ask();
  await picture(room, LOOKS, 'room-asked');
  await bridge.command('floor.give', { point: pointOf(20).id });
  await room.reads('MỜI PHÁT BIỂU');
  await picture(room, LOOKS, 'room-invited');
  await room.ok();
  await until(
    'a red frame on the other TV',
    async () => (await other.page.locator('[data-testid="tile"][data-on]').count()) > 0,
  );
  await picture(room, LOOKS, 'room-speaking');
  await picture(other, LOOKS, 'room-listening');
  await picture(chair, LOOKS, 'chair-speaking');
  await room.page.reload();
  await room.reads('ĐÃ KẾT NỐI LẠI');
  await picture(room, LOOKS, 'room-back');
  await bridge.command('floor.closeAll', {});
  await room.reads('MICRO TẮT');
  for (const person of [room, desk, chair]) {
    await person.page.goto(`${person.page.url()}?lang=en`);
    await person.connected();
    await picture(person, LOOKS, `${person.page.url().includes('room') ? 'room' : person.name.slice(4)}-en`);
  }
  await desk.show('content+1', [0, 1]);
  await until(
    'the presentation layout',
    async () => (await desk.page.locator('[data-testid="program"][data-layout="content+1"]').count()) > 0,
  );
  await picture(desk, LOOKS, 'console-content');
  await bridge.kill();
  await room.reads(/Temporarily|interrupted|reconnect/i);
  await picture(room, LOOKS, 'room-lost-en');
});

/** drawn waits until every tile of a present point has its picture. */
async function drawn({ name, page }: Person): Promise<void> {
  await until(`${name}'s pictures`, () =>
    page.evaluate(() => {
      const tiles = [...document.querySelectorAll<HTMLElement>('[data-testid="tile"]')];
      const videos = [...document.querySelectorAll('video:not(.away)')] as HTMLVideoElement[];
      const waiting = tiles.some((t) => t.dataset.video === 'none' && t.dataset.source && !t.dataset.note);
      return !waiting && videos.every((v) => v.videoWidth > 0);
    }),
  );
}

/** picture writes one screenshot, made small. */
async function picture(person: Person, directory: string, name: string): Promise<void> {
  await drawn(person);
  const small = shrink(PNG.sync.read(await person.page.screenshot()));
  expect(small.length, `${name}.png is small enough for the repository`).toBeLessThan(MAX_BYTES);
  writeFileSync(join(directory, `${name}.png`), small);
}
