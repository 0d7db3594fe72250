// Every switch of a picture is one a decoder can follow: every slot of a page
// changes its point, and the size of its tile, again and again, between cameras
// in VP8 and in H.264. GIAOBAN_PROVE_DECODE is how many switches there are at
// least; a control run of the same length has none.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import './harness/exposed.ts';
import { watchBeginnings } from './harness/beginnings.ts';
import { Bridge, numbered } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { ARTIFACTS } from './harness/capture.ts';
import { Cleanup } from './harness/cleanup.ts';
import { watchPauses } from './harness/pauses.ts';
import { type Camera, playFilms } from './harness/senders.ts';
import { until } from './harness/wait.ts';

const proved = Number(process.env.GIAOBAN_PROVE_DECODE ?? 0);
const wanted = proved || 50;
/** Pictures side by side, and the layout that has room for them. */
const [SLOTS, LAYOUT, TILES] = proved ? [20, '5x5', 25] : [9, '3x3', 9];
/** Pictures a second of a camera: no more than this machine decodes twenty times beside playing them. */
const RATE = proved ? 5 : 8;
const everyMs = 2000;
/** A freeze is what lasts as long as three pictures, seconds. */
const FREEZE = 3 / RATE;

const VP8: Camera = {
  codec: 'vp8',
  rate: RATE,
  sizes: [
    { rid: 'q', size: '320x180', bits: '60k' },
    { rid: 'h', size: '640x360', bits: '120k' },
  ],
};
const H264: Camera = { codec: 'h264', rate: RATE, sizes: [{ rid: '', size: '320x180', bits: '80k' }] };
/** Twice as many points as slots, in two halves that take turns; three of four send VP8. */
const points = Array.from({ length: 2 * SLOTS }, (_, i) => numbered(i + 1));
const vp8 = points.filter((_, i) => i % 4 !== 3);
const h264 = points.filter((_, i) => i % 4 === 3);

const cleanup = new Cleanup();
let bridge: Bridge;
let page: Page;
let wall: BrowserContext;

beforeAll(async () => {
  bridge = await Bridge.start(cleanup, { points: points.length });
  await playFilms(cleanup, bridge, vp8, VP8);
  await playFilms(cleanup, bridge, h264, H264);
  wall = await launch(cleanup);
  page = await wall.newPage();
  await page.addInitScript(watchBeginnings);
  await page.goto(bridge.wallLink());
  await page.evaluate(watchPauses, FREEZE);
});
afterAll(() => cleanup.run());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** show puts points on the first tiles of a layout. */
async function show(kind: string, ids: string[], room = ids.length): Promise<void> {
  const tiles = Array.from({ length: room }, (_, i) => (ids[i] ? { kind: 'point', point: ids[i] } : { kind: 'blank' }));
  await bridge.command('layout.set', { audience: 'all', layout: { kind, tiles } });
}

/** half is one of the two halves of the points. */
const half = (turn: number) => points.slice((turn % 2) * SLOTS).slice(0, SLOTS);

/** all are the slots that show something as long as every picture is there. */
const all = Array.from({ length: SLOTS }, (_, i) => i);

/** slotsOf are the slots that show these points. */
const slotsOf = (ids: string[]) =>
  page.evaluate((ids) => ids.map((id) => window.__giaoban.state.live.value.indexOf(`${id}/camera`)), ids);

/** Decoded is what the decoders of some slots have done, in sum. */
interface Decoded {
  slots: number;
  received: number;
  decoded: number;
  dropped: number;
  keyframes: number;
  freezes: number;
  frozen: number;
  asked: number;
  codecs: string[];
  widths: number[];
}

function look(slots: number[]): Promise<Decoded> {
  return page.evaluate(async (slots) => {
    const streams: { mid: number; s: RTCInboundRtpStreamStats; codec: string }[] = [];
    for (const peer of window.giaobanProbe.peers) {
      const stats = await peer.getStats();
      for (const s of stats.values()) {
        if (s.type !== 'inbound-rtp' || s.kind !== 'video') continue;
        streams.push({ mid: Number(s.mid), s, codec: stats.get(s.codecId)?.mimeType ?? '' });
      }
    }
    const chosen = streams.sort((a, b) => a.mid - b.mid).filter((_, i) => slots.includes(i));
    const sum = (f: (s: RTCInboundRtpStreamStats) => number | undefined) =>
      chosen.reduce((n, { s }) => n + (f(s) ?? 0), 0);
    return {
      slots: chosen.filter(({ s }) => (s.framesDecoded ?? 0) > 0).length,
      received: sum((s) => s.framesReceived),
      decoded: sum((s) => s.framesDecoded),
      dropped: sum((s) => s.framesDropped),
      keyframes: sum((s) => s.keyFramesDecoded),
      freezes: sum((s) => s.freezeCount),
      frozen: sum((s) => s.totalFreezesDuration),
      asked: sum((s) => s.pliCount),
      codecs: chosen.map(({ codec }) => codec),
      widths: chosen.map(({ s }) => s.frameWidth ?? 0),
    };
  }, slots);
}

/** lives is how often the page was told that a slot shows another point. */
const lives = () => page.evaluate(() => window.giaobanProbe.counts.received['slot.live'] ?? 0);

/** pending is how many pictures were received and neither decoded nor dropped: those under way, or lost. */
const pending = ({ received, decoded, dropped }: Decoded) => received - decoded - dropped;

/** paused is how often the pictures of some slots have stood still for FREEZE or longer. */
async function paused(slots: number[]): Promise<number> {
  const long = Object.entries(await page.evaluate(() => window.giaobanPauses.long));
  const bySlot = long.sort(([a], [b]) => Number(a) - Number(b)).map(([, count]) => count);
  return slots.reduce((sum, slot) => sum + (bySlot[slot] ?? 0), 0);
}

/** run looks before and after a piece of the meeting; every picture received in it has to be decoded in the end. */
async function run(slots: number[], piece: () => Promise<unknown>) {
  const before = await look(slots);
  const began = await paused(slots);
  await piece();
  let after = await look(slots);
  await until(
    'every picture received to be decoded, but one under way in each slot',
    async () => {
      after = await look(slots);
      return Math.abs(pending(after) - pending(before)) <= slots.length;
    },
    { seen: () => look(slots) },
  );
  return {
    decoded: after.decoded - before.decoded,
    dropped: after.dropped - before.dropped,
    keyframes: after.keyframes - before.keyframes,
    freezes: (await paused(slots)) - began,
    called: after.freezes - before.freezes,
    calledSeconds: after.frozen - before.frozen,
    asked: after.asked - before.asked,
    codecs: new Set(after.codecs).size,
  };
}

type Piece = Awaited<ReturnType<typeof run>>;

/** smooth wants a piece to be no rougher than one without switches, where the machine does nothing else. */
function smooth(seen: Piece, control: Piece): void {
  if (!proved) return;
  expect(seen.decoded, 'pictures decoded').toBeGreaterThan(0.8 * control.decoded);
  expect(seen.asked, 'keyframes its decoders asked for').toBeLessThanOrEqual(control.asked);
  expect(seen.freezes, 'freezes').toBeLessThanOrEqual(control.freezes);
}

describe('a page of many pictures', { timeout: 60_000 + 200 * everyMs }, () => {
  const report: Record<string, unknown>[] = [];
  afterAll(() => {
    const text = JSON.stringify(report, null, 2);
    process.stdout.write(text);
    writeFileSync(join(ARTIFACTS, 'decode.json'), text);
  });

  it('decodes all that it is sent while points change places', async () => {
    await show(LAYOUT, half(0), TILES);
    await until('every picture', async () => (await look(all)).slots === SLOTS, { seen: () => look(all) });
    await pause(3000);
    const goal = 0.8 * wanted;
    const began = Date.now();
    const before = await lives();
    let switches = 0;
    const seen = await run(all, async () => {
      for (let turn = 1; switches < goal; turn++) {
        await show(LAYOUT, half(turn), TILES);
        await pause(everyMs);
        switches = (await lives()) - before;
      }
    });
    const took = Date.now() - began;
    const control = await run(all, () => pause(took));
    const begun = await page.evaluate(() => ({ ...window.giaobanBeginnings, longest: window.giaobanPauses.longest }));
    report.push({ what: 'still', switches: 0, ...control }, { what: 'points', switches, begun, ...seen });
    expect(seen.codecs, 'codecs on the page').toBe(2);
    expect(begun.delta, 'sources that began with a picture that needs others').toBe(0);
    expect(begun.key, 'sources that began with a keyframe').toBeGreaterThan(0.9 * switches);
    smooth(seen, control);
  });

  it('decodes all that it is sent while tiles change their sizes', async () => {
    await show('3x3', vp8.slice(0, 9));
    await pause(3000);
    const resized = await slotsOf(vp8.slice(0, 4));
    expect(resized, 'slots of the four pictures that become larger').not.toContain(-1);
    const goal = 0.2 * wanted;
    const began = Date.now();
    let switches = 0;
    let was = (await look(resized)).widths;
    const seen = await run(resized, async () => {
      for (let turn = 0; switches < goal; turn++) {
        await (turn % 2 ? show('3x3', vp8.slice(0, 9)) : show('2x2', vp8.slice(0, 4)));
        await pause(everyMs);
        const { widths } = await look(resized);
        switches += widths.filter((width, i) => width !== was[i]).length;
        was = widths;
      }
    });
    const took = Date.now() - began;
    const control = await run(resized, () => pause(took));
    report.push({ what: 'still', switches: 0, ...control }, { what: 'sizes', switches, ...seen });
    smooth(seen, control);
  });
});

it('says on the tile which pictures a browser cannot decode, and covers no name with it', async () => {
  const few = half(0).slice(0, 9);
  await show('3x3', few);
  const old = await wall.newPage();
  await old.addInitScript(() => {
    const all = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
    RTCRtpReceiver.getCapabilities = (kind) => {
      const has = all(kind);
      return has && { ...has, codecs: has.codecs.filter((c) => !/h264/i.test(c.mimeType)) };
    };
  });
  await old.goto(bridge.wallLink());
  const told = old.locator('.tile[data-note="codec"]');
  await until(
    'every picture in H.264 to be explained',
    async () => (await told.count()) === few.filter((id) => h264.includes(id)).length,
  );
  for (const tile of await told.all()) {
    const name = await tile.locator('.name').boundingBox();
    const note = await tile.locator('.note').boundingBox();
    const box = await tile.boundingBox();
    if (!name || !note || !box) throw new Error('a tile without name or note');
    expect(note.y, 'top of the note').toBeGreaterThanOrEqual(name.y + name.height);
    expect(
      await tile.locator('.note').evaluate((e) => e.scrollHeight - e.clientHeight),
      'hidden of it',
    ).toBeLessThanOrEqual(1);
  }
  await old.screenshot({ path: join(ARTIFACTS, 'decode-told.png') });
});
