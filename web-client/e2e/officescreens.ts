// The pictures of the operator's page, of a new machine, of the second monitor
// and of a relay source.

import { afterAll, expect, it } from 'vitest';
import { keep } from './harness/album.ts';
import { Bridge, elsewhere } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { Cleanup } from './harness/cleanup.ts';
import { doorStates, operatorStates, secondStates } from './harness/officestates.ts';
import { clockAt, drawCamera } from './harness/roomstates.ts';

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

it('takes the operator’s page and a new machine', async () => {
  const wrong: string[] = [];
  const bridge = await Bridge.start(cleanup, { demo: false });
  await operatorStates(
    await launch(cleanup),
    bridge,
    keep(wrong, (state) => `operator-${state}`),
  );
  const far = await Bridge.start(cleanup, { demo: false, address: elsewhere() });
  await doorStates(await launch(cleanup), far, keep(wrong));
  expect(wrong).toEqual([]);
});

it('takes the second monitor and a relay source', async () => {
  const wrong: string[] = [];
  const bridge = await Bridge.start(cleanup, { demo: false });
  const context = await launch(cleanup, { bare: true, scale: 0.7 });
  await clockAt(context);
  await context.addInitScript(drawCamera);
  await secondStates(context, bridge.url, keep(wrong));
  expect(wrong).toEqual([]);
});
