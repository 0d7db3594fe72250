// Two rooms three lines apart: Chromium at a commune and at the centre, on the
// hosts that loadtest/run's TestBrowsersOverFourTiers lays out. That test does
// what the console does and knows what a bot at another district's commune was
// sent; here the pages are read and heard.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch } from './harness/browser.ts';
import { captureOf } from './harness/capture.ts';
import { Cleanup } from './harness/cleanup.ts';
import { mouthToEar } from './harness/mouth.ts';
import { Room } from './harness/people.ts';
import { soundBegins } from './harness/sound.ts';
import { until } from './harness/wait.ts';

interface Seat {
  link: string;
  chromium: string;
}

const { desk, commune, centre, turns } = JSON.parse(process.env.GIAOBAN_TIERS ?? '') as {
  desk: string;
  commune: Seat;
  centre: Seat;
  turns: number;
};

const COMMUNE = { point: 'hg-16', number: 1 };
const CENTRE = { point: 'hg-01', number: 2 };

const cleanup = new Cleanup();
let speaker: Room;
let hall: Room;

async function enter(seat: Seat, number: number): Promise<Room> {
  const context = await launch(cleanup, {
    capture: captureOf(number),
    executable: seat.chromium,
    viewport: { width: 960, height: 540 },
  });
  const page = await context.newPage();
  await page.goto(seat.link);
  const room = new Room(number, page);
  await room.connected();
  return room;
}

/** ask has the console do something, or asks what the bot was sent. */
async function ask(what: string, values: Record<string, string | number> = {}): Promise<string> {
  const answer = await fetch(
    `${desk}/${what}?${new URLSearchParams(Object.entries(values).map(([k, v]) => [k, String(v)]))}`,
  );
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${what}: ${text}`);
  return text;
}

/** shows waits until a page's pixels are the camera of a room, and says when it was photographed. */
async function shows(person: Room, number: number): Promise<number> {
  await until(
    `${person.name} to see ${number}`,
    async () => (await person.sees()).some((s) => s.mark?.room === number),
    {
      seen: () => person.sees(),
      everyMs: 50,
    },
  );
  return Date.now();
}

const median = (all: number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
/** note has the Go side write a line of its table. */
const note = (line: string) => ask('note', { line });
const row = (what: string, all: number[]) =>
  note(
    `| ${what} | ${Math.round(median(all))} ms | ${Math.round(Math.max(...all))} ms | ${all.length} | ${all.map(Math.round).join(' ')} |`,
  );

beforeAll(async () => {
  hall = await enter(centre, CENTRE.number);
  speaker = await enter(commune, COMMUNE.number);
});
afterAll(() => cleanup.run());

it('shows and sounds a commune at the centre and in another district', async () => {
  const heard: number[] = [];
  const elsewhere: number[] = [];
  const shown: number[] = [];
  const took: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    await ask('show', { point: CENTRE.point });
    await shows(speaker, CENTRE.number);
    const began = Date.now();
    await ask('show', { point: COMMUNE.point });
    shown.push((await shows(hall, COMMUNE.number)) - began);
    await ask('sent', { kind: 'picture', since: Date.now() });

    expect((await hall.hears()).silent, 'nobody is heard before OK').toBe(true);
    await ask('invite', { point: COMMUNE.point });
    await speaker.reads('MỜI PHÁT BIỂU');
    const sound = soundBegins(hall.page);
    const pressed = Date.now();
    await speaker.ok();
    heard.push((await sound) - pressed);
    elsewhere.push(Number(await ask('sent', { kind: 'sound', since: pressed })) - pressed);
    await until('the commune alone to be heard', async () => {
      const { rooms } = await hall.hears();
      return rooms.length === 1 && rooms[0] === COMMUNE.number;
    });
    expect((await speaker.hears()).rooms, 'a room never hears itself').toEqual([]);
    took.push(...(await mouthToEar(speaker.page, hall.page, COMMUNE.number, 4)));
    await ask('end');
    await speaker.reads(/HẾT LƯỢT PHÁT BIỂU|MICRO TẮT/);
    await until('silence at the centre', async () => (await hall.hears()).silent);
  }
  await note('| what | median | worst | of | each |');
  await row('OK to sound in the page at the centre', heard);
  await row("OK to sound at the other district's commune", elsewhere);
  await row('mouth to ear, from a tone in the page at the commune to the page at the centre', took);
  await row('layout to the picture in a photograph of the page at the centre', shown);
});
