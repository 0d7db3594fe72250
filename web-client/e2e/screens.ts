// The pictures of docs/screens.md: every state of the console and the chair's
// tablet with the whole province.

import { afterAll, expect, it } from 'vitest';
import { keep } from './harness/album.ts';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { Cleanup } from './harness/cleanup.ts';
import { chairStates, consoleStates } from './harness/states.ts';

/** A desk of 2560 by 1440 is kept as 1792 by 1008, and a tablet likewise: legible, and small. */
const SCALE = 0.7;

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

it.each(['vi', 'en'] as const)(
  'takes the pictures of every state in %s',
  async (lang) => {
    const bridge = await Bridge.start(cleanup, { demoPoints: 0 });
    const context = await launch(cleanup, { scale: SCALE });
    const wrong: string[] = [];
    const album = keep(wrong, (state) => (lang === 'en' ? `${state}-en` : state));
    await consoleStates({ context, bridge, lang }, album);
    await chairStates({ context, bridge, lang }, album);
    expect(wrong).toEqual([]);
  },
  600_000,
);
