// A camera's three encodings, as a browser makes them: a tile is sent the one
// of its size, and what nobody watches is not encoded (RFC 8853).

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { makeLarge } from './harness/capture.ts';
import { showsPoints } from './harness/checks.ts';
import { Cleanup } from './harness/cleanup.ts';
import { Room } from './harness/people.ts';
import { pointOf } from './harness/points.ts';
import { until } from './harness/wait.ts';

const cleanup = new Cleanup();
let bridge: Bridge;

beforeAll(async () => {
  bridge = await Bridge.start(cleanup);
});
afterAll(() => cleanup.run());

/** width is that of the picture decoded on the only slot in use. */
function width(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let width = 0;
    for (const peer of window.giaobanProbe.peers) {
      for (const report of (await peer.getStats()).values()) {
        if (report.type !== 'inbound-rtp' || report.kind !== 'video' || !report.framesDecoded) continue;
        width = report.frameWidth;
      }
    }
    return width;
  });
}

/** encoded is the rids of the layers that have sent anything between two looks. */
async function encoded(page: Page, was: Record<string, number>): Promise<string> {
  const now = await page.evaluate(async () => {
    const packets: Record<string, number> = {};
    for (const peer of window.giaobanProbe.peers) {
      for (const report of (await peer.getStats()).values()) {
        if (report.type === 'outbound-rtp' && report.rid) packets[report.rid] = report.packetsSent;
      }
    }
    return packets;
  });
  const moved = Object.keys(now).filter((rid) => (now[rid] ?? 0) > (was[rid] ?? 0));
  Object.assign(was, now);
  return moved.sort().join('');
}

it('sends each tile the layer of its size, and no layer nobody watches', async () => {
  const hall = await Room.enter(cleanup, bridge, 1);
  const other = await Room.enter(cleanup, bridge, 2, { capture: makeLarge(2) });
  const point = { kind: 'point', point: pointOf(2).id };
  const show = (kind: string, count: number, place: number) =>
    bridge.command('layout.set', {
      audience: 'all',
      layout: { kind, tiles: Array.from({ length: count }, (_, i) => (i === place ? point : { kind: 'blank' })) },
    });
  const widths = async (wanted: (width: number) => boolean, what: string) => {
    let seen = 0;
    const look = async () => {
      seen = await width(hall.page);
      return wanted(seen);
    };
    await until(what, look, { seen: () => seen });
    return seen;
  };

  await show('1', 1, 0);
  await showsPoints(hall, [2]);
  const full = await widths((w) => w > 640, 'the full picture');
  await show('3x3', 9, 4);
  await widths((w) => w * 4 === full, 'a quarter of it');
  await show('2x2', 4, 0);
  await widths((w) => w * 2 === full, 'a half of it');

  const sent: Record<string, number> = {};
  await encoded(other.page, sent);
  await until('only the half and the smallest to be encoded', async () => (await encoded(other.page, sent)) === 'hq');
  await show('1', 1, 0);
  await widths((w) => w === full, 'the full picture again');
  await showsPoints(hall, [2]);
});
