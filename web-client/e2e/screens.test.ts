// The console and the chair's tablet in every state and both languages, as
// axe-core sees them in a real browser: nothing at all is wrong, and no name is cut.

import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from './harness/axe.ts';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { Cleanup } from './harness/cleanup.ts';
import { cutNames } from './harness/cut.ts';
import type { Stage } from './harness/staged.ts';
import { chairStates, consoleStates } from './harness/states.ts';

const cleanup = new Cleanup();
let bridge: Bridge;
let context: BrowserContext;
beforeAll(async () => {
  bridge = await Bridge.start(cleanup, { demoPoints: 0 });
  context = await launch(cleanup);
});
afterAll(() => cleanup.run());

describe.each(['vi', 'en'] as const)('in %s', (lang) => {
  it('every state of the console and the tablet passes axe', async () => {
    const found: string[] = [];
    const visited: string[] = [];
    const judge = async (stage: Stage, name: string) => {
      visited.push(name);
      const wrong = [...(await cutNames(stage.page)), ...(await violations(stage.page))];
      found.push(...wrong.map((what) => `${name}: ${what}`));
    };
    await consoleStates({ context, bridge, lang, media: false }, judge);
    await chairStates({ context, bridge, lang, media: false }, judge);
    expect(visited).toHaveLength(14);
    expect(found).toEqual([]);
  }, 240_000);
});
