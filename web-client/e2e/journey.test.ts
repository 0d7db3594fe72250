// A briefing from beginning to end, told from outside: what the pages show is
// read from their pixels, what they hear is measured on the sound they
// received, and what must not arrive is counted in bytes. In the middle of it
// the server is killed and started again on the same data: everyone comes back
// by themselves.

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { BLANK, hearsOnly, noMoreAudio, showsPoints, staysClosed } from './harness/checks.ts';
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
  chair = await Chair.enter(office.browser() as Browser, bridge);
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

  it('is led from the tablet by touch alone', async () => {
    await cheat.ask();
    await honest.ask();
    const first = chair.page.getByTestId('request').first();
    await first.getByText(pointOf(3).name).waitFor();
    await chair.press(/Để sau/);
    await first.getByText(pointOf(2).name).waitFor();
    await chair.invite(3);
    await cheat.reads('MỜI PHÁT BIỂU');
    await cheat.ok();
    await hearsOnly(honest, [3]);
    await chair.press(/Bật micro chủ tọa/);
    await hall.reads('ĐANG PHÁT BIỂU');
    await hearsOnly(honest, [1, 3]);
    await chair.press(/Tắt micro tất cả/);
    await hearsOnly(honest, [1]);
    await chair.press(/Tắt micro chủ tọa/);
    for (const p of ears()) await hearsOnly(p, []);
    await chair.press(/Mời điểm cầu tiếp theo/);
    await honest.reads('MỜI PHÁT BIỂU');
    await chair.press(/Kết thúc phát biểu/);
    await honest.reads('MICRO TẮT');
    expect(await chair.worked()).toEqual(['touch']);
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
});

describe('kill -9 in mid-meeting', () => {
  const tile = (number: number) => ({ kind: 'point', point: pointOf(number).id });

  it('finds room 2 speaking and room 3 waiting', async () => {
    await honest.ask();
    await chair.press(/Mời điểm cầu tiếp theo/);
    await honest.reads('MỜI PHÁT BIỂU');
    await honest.ok();
    await cheat.ask();
    for (const p of others(honest)) await hearsOnly(p, [2]);
  });

  it('keeps the last fact that was acknowledged, and forgets none before it', async () => {
    const layout = { kind: '2x2', tiles: [...[2, 3, 1].map(tile), { kind: 'blank' }] };
    await bridge.command('layout.set', { audience: 'all', layout });
    await bridge.kill();
    for (const p of [hall, honest, cheat]) await p.reads(/Tạm gián đoạn kết nối/);
    await bridge.run();
    for (const p of [desk, hall, honest, cheat]) await showsPoints(p, [2, 3, 1, BLANK]);
  });

  it('opens no microphone by itself', async () => {
    await honest.reads('ĐÃ KẾT NỐI LẠI');
    await cheat.reads('ĐÃ ĐĂNG KÝ');
    await staysClosed(bridge, cheat, others(cheat));
    const received = await Promise.all(ears().map((p) => p.audioBytes()));
    expect(received, 'not a byte of sound since the connections were made').toEqual(ears().map(() => 0));
  });

  it('lets the speaker go on after OK', async () => {
    await honest.ok();
    for (const p of others(honest)) await hearsOnly(p, [2]);
    await showsPoints(chair, [2]);
  });
});

describe('the meeting goes on', () => {
  it('gives a late joiner the layout and the floor as they stand', async () => {
    await cheat.leave(); // two slow cores bear four browsers, not five
    await desk.show('2x2', [2, 3, 4, 1]);
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

  it('was worked by keys alone at the console and in the rooms', async () => {
    const remote = ['ArrowDown', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'Enter', 'Escape'];
    for (const p of [hall, honest, late]) expect(remote, p.name).toEqual(expect.arrayContaining(await p.worked()));
    expect((await desk.worked()).filter((what) => /mouse|touch|pen/.test(what))).toEqual([]);
  });
});
