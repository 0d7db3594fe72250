// A power cut in the middle of a meeting: the server is killed, started again
// on the same data, and everyone comes back by themselves.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { BLANK, hearsOnly, showsPoints, staysClosed } from './harness/checks.ts';
import { Cleanup } from './harness/cleanup.ts';
import { Chair, Desk, type Person, Room } from './harness/people.ts';
import { pointOf } from './harness/points.ts';

const cleanup = new Cleanup();
let bridge: Bridge;
let desk: Desk;
let chair: Chair;
let hall: Room;
let speaker: Room;
let cheat: Room;

beforeAll(async () => {
  bridge = await Bridge.start(cleanup);
  const office = await launch(cleanup);
  desk = await Desk.enter(office, bridge);
  chair = await Chair.enter(office, bridge);
  [hall, speaker, cheat] = await Promise.all([
    Room.enter(cleanup, bridge, 1),
    Room.enter(cleanup, bridge, 2),
    Room.enter(cleanup, bridge, 3, { cheat: true }),
  ]);
});
afterAll(() => cleanup.run());

describe('kill -9 in mid-meeting', () => {
  const ears = (): Person[] => [desk, hall, cheat];

  it('finds room 2 speaking and room 3 waiting', async () => {
    await desk.show('1+1', [2, 1]);
    await speaker.ask();
    await chair.press(/Mời điểm cầu tiếp theo/);
    await speaker.reads('MỜI PHÁT BIỂU');
    await speaker.ok();
    await cheat.ask();
    for (const p of ears()) await hearsOnly(p, [2]);
  });

  it('keeps the last fact that was acknowledged, and forgets none before it', async () => {
    const layout = { kind: '2x2', tiles: [2, 3, 1].map(tile).concat({ kind: 'blank' }) };
    await bridge.command('layout.set', { audience: 'all', layout });
    await bridge.kill();
    for (const p of [hall, speaker, cheat]) await p.reads(/Tạm gián đoạn kết nối/);
    await bridge.run();
    for (const p of [desk, hall, speaker, cheat]) await showsPoints(p, [2, 3, 1, BLANK]);
  });

  it('opens no microphone by itself', async () => {
    await speaker.reads('ĐÃ KẾT NỐI LẠI');
    await cheat.reads('ĐÃ ĐĂNG KÝ');
    await staysClosed(
      bridge,
      cheat,
      ears().filter((p) => p !== cheat),
    );
    const received = await Promise.all(ears().map((p) => p.audioBytes()));
    expect(received, 'not a byte of sound since the connections were made').toEqual(ears().map(() => 0));
  });

  it('lets the speaker go on after OK', async () => {
    await speaker.ok();
    for (const p of ears()) await hearsOnly(p, [2]);
  });
});

function tile(number: number): { kind: string; point?: string } {
  return { kind: 'point', point: pointOf(number).id };
}
