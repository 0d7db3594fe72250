// A line whose firewall lets no UDP through: picture and sound take ICE-TCP,
// on the same port number (RFC 6544).

import { afterAll, beforeAll, expect, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { hearsOnly, showsPoints } from './harness/checks.ts';
import { Cleanup } from './harness/cleanup.ts';
import { Firewall } from './harness/firewall.ts';
import { Room } from './harness/people.ts';
import { pointOf } from './harness/points.ts';
import { pathProtocols } from './harness/sound.ts';

const cleanup = new Cleanup();
let bridge: Bridge;
let firewall: Firewall;

beforeAll(async () => {
  bridge = await Bridge.start(cleanup);
  firewall = Firewall.blockUDP(cleanup, bridge.mediaPort);
});
afterAll(() => cleanup.run());

it('carries picture and sound over TCP where UDP is blocked', async () => {
  const hall = await Room.enter(cleanup, bridge, 1);
  const speaker = await Room.enter(cleanup, bridge, 2);
  const tiles = [1, 2].map((n) => ({ kind: 'point', point: pointOf(n).id }));
  await bridge.command('layout.set', { audience: 'all', layout: { kind: '1+1', tiles } });
  await bridge.command('floor.grant', { floor: 'speech', point: pointOf(2).id });
  await speaker.reads('MỜI PHÁT BIỂU');
  await speaker.ok();

  await showsPoints(hall, [1, 2]);
  await hearsOnly(hall, [2]);
  for (const room of [hall, speaker]) expect(await pathProtocols(room.page)).toEqual(['tcp']);
  expect(firewall.dropped(), 'UDP was tried, and stopped').toBeGreaterThan(0);
});
