// A briefing from beginning to end, told from outside: what the pages show is
// read from their pixels, what they hear is measured on the sound they
// received, and what must not arrive is counted in bytes.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { hearsOnly, noMoreAudio, showsPoints, staysClosed } from './harness/checks.ts';
import { Cleanup } from './harness/cleanup.ts';
import { Chair, Desk, type Person, Room } from './harness/people.ts';
import { pointOf } from './harness/points.ts';

const cleanup = new Cleanup();
let bridge: Bridge;
let desk: Desk;
let chair: Chair;
let hall: Room; // the chair point
let honest: Room;
let cheat: Room;
let late: Room;

/** Everybody whose page is sent sound. */
const ears = (): Person[] => [desk, hall, honest, cheat, late].filter((p) => p && !p.left);
const others = (but: Person): Person[] => ears().filter((p) => p !== but);

beforeAll(async () => {
  bridge = await Bridge.start(cleanup);
  const office = await launch(cleanup);
  desk = await Desk.enter(office, bridge);
  chair = await Chair.enter(office, bridge);
  [hall, honest, cheat] = await Promise.all([
    Room.enter(cleanup, bridge, 1),
    Room.enter(cleanup, bridge, 2),
    Room.enter(cleanup, bridge, 3, { cheat: true }),
  ]);
});
afterAll(() => cleanup.run());

describe('a first meeting', () => {
  it('shows on every page the points it claims', async () => {
    await desk.show('2x2', [1, 2, 3, 4]);
    for (const p of [desk, hall, honest, cheat]) await showsPoints(p, [1, 2, 3, 4], [4]);
  });

  it('lets no sound of an uninvited room out, whatever its page does', async () => {
    await staysClosed(bridge, cheat, others(cheat));
  });

  it('opens the microphone only when the invited room says OK', async () => {
    await cheat.ask();
    await chair.reads(pointOf(3).name);
    await staysClosed(bridge, cheat, others(cheat));
    await chair.press(/Mời điểm cầu tiếp theo/);
    await cheat.reads('MỜI PHÁT BIỂU');
    await staysClosed(bridge, cheat, others(cheat));
    await cheat.ok();
    for (const p of others(cheat)) await hearsOnly(p, [3]);
    expect((await cheat.hears()).rooms, 'a room never hears itself').toEqual([]);
  });

  it('closes it when the chair ends the turn', async () => {
    await chair.press(/Kết thúc phát biểu/);
    await cheat.reads(/HẾT LƯỢT PHÁT BIỂU|MICRO TẮT/);
    for (const p of others(cheat)) await hearsOnly(p, []);
    await staysClosed(bridge, cheat, others(cheat));
  });

  it('re-tiles every page without exchanging SDP', async () => {
    const everybody = [desk, hall, honest, cheat, chair];
    const counts = () => Promise.all(everybody.map((p) => p.counts()));
    const sdp = async () => (await counts()).map((c) => [c.descriptions, c.connections, c.sent['media.offer']]);
    const before = await sdp();
    await desk.show('1+1', [3, 2]);
    for (const p of [desk, hall, honest, cheat]) await showsPoints(p, [3, 2]);
    await desk.show('2x2', [2, 3, 4, 1]);
    for (const p of [desk, hall, honest, cheat]) await showsPoints(p, [2, 3, 4, 1], [4]);
    expect(await sdp()).toEqual(before);
  });

  it('gives a late joiner the layout and the floor as they stand', async () => {
    await honest.ask();
    await chair.press(/Mời điểm cầu tiếp theo/);
    await honest.reads('MỜI PHÁT BIỂU');
    await honest.ok();
    await showsPoints(chair, [2]);
    await cheat.leave(); // two slow cores bear four browsers, not five
    late = await Room.enter(cleanup, bridge, 4);
    await showsPoints(late, [2, 3, 4, 1], [3]);
    await hearsOnly(late, [2]);
  });

  it('brings a reloaded room back with its grant and a closed microphone', async () => {
    await honest.page.reload();
    await honest.reads('ĐÃ KẾT NỐI LẠI');
    await honest.connected();
    const before = await noMoreAudio(others(honest));
    for (const p of others(honest)) await hearsOnly(p, []);
    await showsPoints(honest, [2, 3, 4, 1], [3]);
    expect(await Promise.all(others(honest).map((p) => p.audioBytes()))).toEqual(before);
    await honest.ok();
    for (const p of others(honest)) await hearsOnly(p, [2]);
  });
});
