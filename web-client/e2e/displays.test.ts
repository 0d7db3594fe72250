// What is opened by a link of its own beside the rooms' televisions: a wall that
// leaves out the sound of the room it stands in, and a room's second television,
// which shows the presentation while the first one shows the people beside it.

import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { showsPoints } from './harness/checks.ts';
import { Cleanup } from './harness/cleanup.ts';
import { giaoban } from './harness/commandline.ts';
import { Person, Room } from './harness/people.ts';
import { pointOf } from './harness/points.ts';
import { bringSlides, SLIDES } from './harness/slides.ts';
import { until } from './harness/wait.ts';

const PRESENTER = 2;
const ROOM = 3;

const cleanup = new Cleanup();
let bridge: Bridge;
let wall: BrowserContext;
let room: Room;
let presenter: Room;

beforeAll(async () => {
  bridge = await Bridge.start(cleanup);
  wall = await launch(cleanup);
  presenter = await Room.enter(cleanup, bridge, PRESENTER);
  room = await Room.enter(cleanup, bridge, ROOM);
  await bringSlides(presenter.page.context());
  await presenter.page.reload();
  await presenter.connected();
  await bridge.command('floor.grant', { floor: 'content', point: pointOf(PRESENTER).id });
  const people = [PRESENTER, ROOM].map((n) => ({ kind: 'point', point: pointOf(n).id }));
  const tiles = [{ kind: 'content' }, ...people, ...Array(3).fill({ kind: 'blank' })];
  await bridge.command('layout.set', { audience: 'all', layout: { kind: 'content+strip', tiles } });
  await presenter.choose('share-start');
});
afterAll(() => cleanup.run());

/** display opens a display by the link an operator makes for it. */
async function display(...of: string[]): Promise<Person> {
  const { out } = await giaoban('link', 'observer', ...of, `--data=${bridge.data}`);
  const { pathname, hash } = new URL(out.trim());
  const page = await wall.newPage();
  await page.goto(bridge.url + pathname + hash);
  return new Person(`the display of ${of.join(' ') || 'everything'}`, page);
}

/** showsSlides waits until a page shows the slides first, and so many tiles with them. */
async function showsSlides(person: Person, tiles: number): Promise<void> {
  let seen: unknown;
  await until(
    `${person.name} to show the slides among ${tiles}`,
    async () => {
      const shown = await person.sees();
      seen = shown;
      return shown.length === tiles && shown[0]?.mark?.room === SLIDES;
    },
    { seen: () => seen, everyMs: 500 },
  );
}

describe('a wall', () => {
  it('that stands in a room is not sent what that room says, and hears the others', async () => {
    const here = await display(`--exclude=${pointOf(ROOM).id}`);
    const elsewhere = await display();
    await bridge.command('floor.mode', { mode: 'discussion', limit: 2 });
    for (const speaker of [room, presenter]) {
      await bridge.command('floor.grant', { floor: 'speech', point: pointOf(speaker.number).id });
      await speaker.reads('MỜI PHÁT BIỂU');
      await speaker.ok();
    }
    const hears = (person: Person, numbers: number[]) =>
      until(`${person.name} to hear ${numbers}`, async () => (await person.hears()).rooms.join() === numbers.join());
    await hears(elsewhere, [PRESENTER, ROOM]);
    await hears(here, [PRESENTER]);
    await bridge.command('floor.revoke', { floor: 'speech', point: pointOf(PRESENTER).id });
    await hears(elsewhere, [ROOM]);
    await hears(here, []);
    await bridge.command('floor.closeAll', {});
    await bridge.command('floor.mode', { mode: 'one-by-one' });
    await Promise.all([here.page.close(), elsewhere.page.close()]);
  });
});

describe('a presentation', () => {
  it('is above the people on the one television of a room', async () => {
    await showsSlides(room, 6);
  });

  it('fills a second television, while the first one shows people alone', async () => {
    const second = await display('--part=content', `--point=${pointOf(ROOM).id}`);
    await showsSlides(second, 1);
    expect((await second.hears()).silent, 'the first television is the one that is heard').toBe(true);
    await showsPoints(room, [PRESENTER, ROOM]);
    await second.page.close();
    await showsSlides(room, 6);
  });

  it('leaves a display of people to the people', async () => {
    await showsPoints(await display('--part=people'), [PRESENTER, ROOM]);
  });
});
