// Bad lines: a room in a network namespace of its own, behind a line that
// loses, delays and narrows what it is sent, with what its browser then shows
// and plays. GIAOBAN_PROVE_LINES names the part that is run in full: a round
// trip in milliseconds, or "steps"; without it, one cell and one step.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { ARTIFACTS } from './harness/capture.ts';
import { Cleanup } from './harness/cleanup.ts';
import { Lab } from './harness/lab.ts';
import { Room } from './harness/people.ts';
import { pointOf } from './harness/points.ts';
import { type Reception, reception } from './harness/reception.ts';
import { playFilms } from './harness/senders.ts';
import { until } from './harness/wait.ts';

const part = process.env.GIAOBAN_PROVE_LINES;
const losses = part ? [0, 0.02, 0.05, 0.1, 0.2] : [0.05];
const trips = part === 'steps' ? [] : [Number(part ?? 50)];
const rates = part === 'steps' ? [4_000_000, 1_000_000, 300_000, 4_000_000] : part ? [] : [4_000_000, 1_000_000];
const cellMs = part ? 20_000 : 8_000;
const stepMs = part ? 30_000 : 8_000;
const stepTripMs = 50;
/** How long the queue of a real line may become; what would wait longer is lost. */
const queueMs = 300;
/** How soon a line has to settle, seconds; the short form only asks that it does while it is watched. */
const limits = { down: part ? 3 : stepMs / 1000, up: 20 };
/** A line has settled when for so long nothing was dropped, and nothing waited longer than calmWaitMs. */
const calmMs = 2000;
const calmWaitMs = 150;

const room = 4;
const senders = [5, 1, 2, 3];

const cleanup = new Cleanup();
const report: string[] = [];
let lab: Lab;
let hall: Room;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

beforeAll(async () => {
  lab = await Lab.start(cleanup);
  const bridge = await Bridge.start(cleanup, { also: lab.address });
  await playFilms(
    cleanup,
    bridge,
    senders.map((n) => pointOf(n).id),
  );
  hall = await Room.enter(cleanup, bridge, room, {
    origin: bridge.secureURL,
    flags: ['--ignore-certificate-errors'], // nobody has told this browser of the bridge's authority
    executable: lab.chromium,
  });
  const tiles = senders.map((n) => ({ kind: 'point', point: pointOf(n).id }));
  await bridge.command('layout.set', { audience: 'all', layout: { kind: '2x2', tiles } });
  await bridge.command('floor.grant', { floor: 'speech', point: pointOf(senders[0] ?? 0).id });
  await until('every picture at its size, and the sound', async () => whole(await reception(hall.page)), {
    seen: () => reception(hall.page),
  });
  const said = () => bridge.metric('giaoban_media_feedback_total', { point: pointOf(room).id, kind: 'remb' });
  await until('the room to say what its line takes', async () => (await said()) > 0);
});
afterAll(async () => {
  await cleanup.run();
  const text = `${report.join('\n')}\n`;
  process.stdout.write(text);
  writeFileSync(join(ARTIFACTS, `lines-${part ?? 'short'}.md`), text);
});

/** whole is whether every picture comes at the size of its tile, and the sound. */
const whole = (r: Reception) => r.widths.filter((w) => w >= 640).length === senders.length && r.audioPackets > 0;

/** between is what happened from one look to another. */
function between(a: Reception, b: Reception) {
  const seconds = (b.at - a.at) / 1000;
  return {
    frozen: (b.frozen - a.frozen) / (seconds * senders.length),
    concealed: (b.concealed - a.concealed) / Math.max(1, b.samples - a.samples),
    packets: b.audioPackets - a.audioPackets,
    rate: Math.round((8 * (b.bytes - a.bytes)) / seconds / 1000),
  };
}

describe.runIf(trips.length > 0)('a line that loses', () => {
  report.push(
    '| round trip ms | loss | pictures frozen | sound made up | received kbit/s | pictures, widths |',
    '|---|---|---|---|---|---|',
  );
  for (const tripMs of trips) {
    for (const loss of losses) {
      it(`${100 * loss} % at ${tripMs} ms`, async () => {
        await lab.up({ delayMs: tripMs / 2 });
        await lab.down({ delayMs: tripMs / 2, loss });
        await pause(part ? 5000 : 3000); // the jitter buffer grows once
        const before = await reception(hall.page);
        await pause(cellMs);
        const after = await reception(hall.page);
        const seen = between(before, after);
        report.push(
          `| ${tripMs} | ${100 * loss} % | ${percent(seen.frozen)} | ${percent(seen.concealed)} | ${seen.rate} | ${after.pictures}: ${after.widths.join(', ')} |`,
        );
        expect.soft(seen.packets, 'packets of sound').toBeGreaterThan(0);
        if (loss <= 0.05) expect.soft(seen.concealed, 'concealed sound').toBeLessThan(0.03);
      });
    }
  }
});

describe.runIf(rates.length > 0)('a line that narrows', () => {
  it(rates.map((s) => s / 1000).join(' → '), async () => {
    report.push(
      '',
      '| rate kbit/s | settled after s | waited ms: mean, worst, worst once settled | received kbit/s | pictures, widths | sound made up, worst second |',
      '|---|---|---|---|---|---|',
    );
    await lab.up({ delayMs: stepTripMs / 2 });
    await lab.down({ delayMs: stepTripMs / 2 });
    await pause(3000); // the jitter buffer grows once
    for (const [i, rate] of rates.entries()) {
      const narrower = i > 0 && rate < (rates[i - 1] ?? 0);
      await lab.down({ delayMs: stepTripMs / 2, rate, queueMs });
      const seen = await follow(narrower);
      report.push(
        `| ${rate / 1000} | ${seen.settled.toFixed(1)} | ${seen.waited.join(', ')} | ${seen.rate} | ${seen.last.pictures}: ${seen.last.widths.join(', ')} | ${percent(seen.made)}, ${percent(seen.worstSecond)} |`,
      );
      expect.soft(seen.silent, 'seconds without a packet of sound').toBe(0);
      if (i > 0) expect.soft(seen.settled, 'settled').toBeLessThanOrEqual(narrower ? limits.down : limits.up);
    }
  }, 240_000);
});

/**
 * follow watches the room after a step: until a narrower line carries what it
 * is sent, or until a wider one shows every picture at its size.
 */
async function follow(narrower: boolean) {
  const began = Date.now();
  const first = await reception(hall.page);
  const start = await lab.counts();
  let [last, line] = [first, start];
  let calmAt = began;
  let settled = Number.POSITIVE_INFINITY;
  const worst = { wait: 0, settledWait: 0, made: 0, silent: 0 };
  for (let second = 1; Date.now() - began < stepMs; second++) {
    while (Date.now() - began < second * 1000) {
      await pause(200);
      const now = await lab.counts();
      const wait = now.Longest / 1e6;
      worst.wait = Math.max(worst.wait, wait);
      if (now.Dropped > line.Dropped || wait > calmWaitMs) calmAt = Date.now();
      if (settled < Date.now() - began) worst.settledWait = Math.max(worst.settledWait, wait);
      line = now;
      if (narrower && Date.now() - calmAt >= calmMs) settled = Math.min(settled, calmAt - began);
    }
    const now = await reception(hall.page);
    const seen = between(last, now);
    worst.made = Math.max(worst.made, seen.concealed);
    if (seen.packets === 0) worst.silent++;
    if (!narrower && whole(now)) settled = Math.min(settled, Date.now() - began);
    last = now;
  }
  const all = between(first, last);
  const mean = (line.Waited - start.Waited) / Math.max(1, line.Delivered - start.Delivered) / 1e6;
  return {
    settled: settled / 1000,
    waited: [mean, worst.wait, worst.settledWait].map(Math.round),
    made: all.concealed,
    worstSecond: worst.made,
    silent: worst.silent,
    rate: all.rate,
    last,
  };
}
