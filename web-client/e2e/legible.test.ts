// Whether what stands on the screens can be read where they are used: every
// text of every state is measured, and none is smaller or fainter than the
// design allows. The table of docs/screens.md is made of the same figures.

import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { Cleanup } from './harness/cleanup.ts';
import { type Place, places, row, rows } from './harness/legibility.ts';
import { type Text, texts } from './harness/legible.ts';
import { operatorStates, type Visit } from './harness/officestates.ts';
import { clockAt, drawCamera, focalStates, roomStates, wallStates } from './harness/roomstates.ts';
import { settle } from './harness/settle.ts';
import { chairStates, consoleStates } from './harness/states.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/screens.md');

const cleanup = new Cleanup();
let bridge: Bridge;
beforeAll(async () => {
  bridge = await Bridge.start(cleanup);
});
afterAll(() => cleanup.run());

const measured = new Map<Place, string>();

/** walk goes through a place's states and holds each of its texts against the floors. */
async function walk(place: Place, through: (visit: Visit) => Promise<void>) {
  const all: Text[] = [];
  const wrong: string[] = [];
  await through(async ({ page }, name) => {
    await settle(page);
    const seen = await texts(page);
    expect(seen.length, `texts of ${name}`).toBeGreaterThan(0);
    all.push(...seen);
    for (const { words, px, contrast, idle } of seen) {
      const least = px >= place.large ? place.contrastLarge : place.contrast;
      if (px < place.least) wrong.push(`${name}: ${px} px, at least ${place.least}: ${words}`);
      if (!idle && contrast < least)
        wrong.push(`${name}: contrast ${contrast.toFixed(2)}, at least ${least}: ${words}`);
    }
  });
  measured.set(place, row(place, all));
  process.stdout.write(`${rows(place, all)}\n`);
  expect([...new Set(wrong)]).toEqual([]);
}

describe('every text can be read', () => {
  const television = async (lang: 'vi' | 'en', viewport: { width: number; height: number }) => {
    const context = await launch(cleanup, { bare: true });
    await clockAt(context);
    await context.addInitScript(drawCamera);
    return { context, url: bridge.url, lang, viewport };
  };

  it("on a room's television of 1080 lines, and on one of 2160", async () => {
    const where = await television('vi', { width: 1920, height: 1080 });
    const larger = await television('vi', { width: 3840, height: 2160 });
    await Promise.all([
      walk(places.television, (visit) => roomStates(where, visit)),
      walk(places.television4k, (visit) => roomStates(larger, visit)),
    ]);
    await walk(places.wall, (visit) => wallStates(where, visit));
  });
  it('at the desk', async () => {
    const context = await launch(cleanup);
    await walk(places.desk, (visit) => consoleStates({ context, bridge, lang: 'vi', media: false }, visit));
  });
  it("on the chair's tablet and the officer's telephone", async () => {
    const context = await launch(cleanup);
    await walk(places.tablet, (visit) => chairStates({ context, bridge, lang: 'vi' }, visit));
    const phone = await television('vi', { width: 390, height: 844 });
    await walk(places.telephone, (visit) => focalStates(phone, visit));
  });
  it("on the operator's page", async () => {
    const office = await Bridge.start(cleanup, { demo: false });
    const context = await launch(cleanup);
    await walk(places.operator, (visit) =>
      // The new machine that is paired there is a television.
      operatorStates(context, office, async (shown, name) => (name === 'code' ? undefined : visit(shown, name))),
    );
  });
  it('as docs/screens.md states', () => {
    const page = readFileSync(PAGE, 'utf8');
    const [before, rest] = page.split('<!-- legible -->\n');
    const [stated, after] = (rest ?? '').split('<!-- /legible -->\n');
    const table = `${Object.values(places)
      .map((place) => measured.get(place))
      .join('\n')}\n`;
    if (process.env.STATE_LEGIBLE)
      writeFileSync(PAGE, `${before}<!-- legible -->\n${table}<!-- /legible -->\n${after}`);
    else expect(stated, 'STATE_LEGIBLE=1 with this test writes the table anew').toBe(table);
  });
});
