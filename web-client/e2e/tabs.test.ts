// One person, one browser, four tabs: the first evening with the product.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { captureOf } from './harness/capture.ts';
import { hearsOnly } from './harness/checks.ts';
import { Cleanup } from './harness/cleanup.ts';
import { Room } from './harness/people.ts';
import { pointOf } from './harness/points.ts';
import { until } from './harness/wait.ts';

const cleanup = new Cleanup();
let bridge: Bridge;
let tabs: { page: Page; shows: string }[];

beforeAll(async () => {
  bridge = await Bridge.start(cleanup);
  const browser = await launch(cleanup, { capture: captureOf(1) });
  const open = async (url: string, shows: string) => {
    const page = await browser.newPage();
    await page.goto(url);
    return { page, shows };
  };
  tabs = [
    await open(bridge.link('/console'), 'LÊN HÌNH'),
    await open(bridge.link('/chair'), 'Mời điểm cầu tiếp theo'),
    await open(bridge.roomLink(1), 'MICRO TẮT'),
    await open(bridge.roomLink(2), 'MICRO TẮT'),
  ];
});
afterAll(() => cleanup.run());

describe('four roles in four tabs of one browser', () => {
  const present = async () => {
    for (const { page, shows } of tabs) {
      await page.getByText(shows).first().waitFor({ state: 'visible' });
      await until('its media to connect', () =>
        page.evaluate(() => window.giaobanProbe.peers.some((p) => p.connectionState === 'connected')),
      );
    }
  };

  it('are four, and no address bar shows a token', async () => {
    await present();
    for (const { page } of tabs) expect(new URL(page.url()).hash).not.toContain('t=');
  });

  it('stay four when every tab is reloaded', async () => {
    for (const { page } of tabs) await page.reload();
    await present();
    const tokens = await Promise.all(
      tabs.map(({ page }) =>
        page.evaluate(() => Object.entries({ ...sessionStorage }).find(([key]) => key.endsWith('.token'))?.[1] ?? ''),
      ),
    );
    expect(new Set(tokens).size, 'each tab keeps its own token').toBe(4);
    for (const { page } of tabs) {
      const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }));
      for (const token of tokens) expect(kept, 'no token outlives its tab').not.toContain(token);
    }
  });

  it('tells a second tab of the same room that the room is in use', async () => {
    const browser = tabs[0]?.page.context();
    const page = await browser?.newPage();
    await page?.goto(bridge.roomLink(2));
    await page?.getByText('Điểm cầu đang được dùng trên thiết bị khác.').waitFor({ state: 'visible' });
    await page?.close();
  });

  it('lets a room hear without a press where the browser makes sound wait for one', async () => {
    const room = await Room.enter(cleanup, bridge, 3, { soundWaits: true });
    await bridge.command('floor.grant', { floor: 'speech', point: pointOf(2).id });
    const speaker = new Room(2, (tabs[3] as { page: Page }).page);
    await speaker.reads('MỜI PHÁT BIỂU');
    await speaker.ok();
    await hearsOnly(room, [1]);
    expect(await room.page.getByText('Nhấn để bật tiếng').count()).toBe(0);
  });
});
