// An installation from nothing to a room in its meeting: the operator signs in
// with the password of the first start, holds a meeting of a system, pairs a
// kiosk by its code, and the kiosk is called into the meeting.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { Cleanup } from './harness/cleanup.ts';
import { Operator, pairedKiosk } from './harness/operator.ts';
import { until } from './harness/wait.ts';

const cleanup = new Cleanup();
let bridge: Bridge;
let browser: BrowserContext;
let operator: Operator;
let kiosk: Page;

beforeAll(async () => {
  bridge = await Bridge.start(cleanup, { demo: false });
  browser = await launch(cleanup, { viewport: { width: 1440, height: 900 } });
});
afterAll(() => cleanup.run());

describe('an installation', () => {
  it('lets the operator in with the password of its first start, and nobody with another', async () => {
    operator = await Operator.enter(browser, bridge);
    await operator.signIn('operator', 'không phải mật khẩu');
    await operator.reads('Tên hoặc mật khẩu chưa đúng.');
    await operator.signIn('operator', bridge.firstPassword());
    await operator.reads('Tạo cuộc họp');
    const cookies = await browser.cookies();
    expect(cookies.map((c) => [c.name, c.httpOnly, c.sameSite])).toEqual([['giaoban_session', true, 'Strict']]);
  });

  it('holds a meeting of a system in five fields', async () => {
    await operator.hold({ title: 'Giao ban đầu tuần', system: 'ha-giang-026', inMinutes: 60 });
    await operator.reads(/Đã tạo “Giao ban đầu tuần”/);
    const row = operator.page.locator('tr[data-meeting]').first();
    await row.getByText('Phòng chờ').waitFor();
    expect(await row.getByText('0/20').count()).toBe(1);
  });

  it('pairs a kiosk by its code, and calls it into the meeting', async () => {
    kiosk = await pairedKiosk(cleanup, bridge, operator, 'hg-05');
    await until('the kiosk to be in the meeting', async () => {
      const rows = await operator.schedule();
      return rows[0]?.present === 1 && rows[0]?.title === 'Giao ban đầu tuần';
    });
    await operator.open('Cuộc họp');
    await operator.page.getByText('1/20', { exact: true }).waitFor();
  });

  it('keeps the kiosk’s point over a restart of its browser page, and takes it back', async () => {
    await kiosk.reload();
    await until('the kiosk to be back', async () => (await operator.schedule())[0]?.present === 1);
    await operator.revoke('hg-05');
    await kiosk.getByTestId('pairing').waitFor();
  });

  it('reports mistakes of a table by line and column, and takes nothing of it', async () => {
    await operator.open('Điểm cầu');
    const text = 'number,code,unit,system\n31,new,UBND xã Mới,ha-giang-026\nx,new2,,ha-giang-026\n';
    await operator.page
      .getByLabel('Nhập từ tệp CSV')
      .setInputFiles({ name: 'points.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await operator.reads('2 lỗi. Chưa nhập điểm cầu nào.');
    await operator.reads('Dòng 3, cột 1');
    await operator.page.getByLabel(/Tìm/).fill('xa moi');
    await operator.reads('0 điểm cầu · 0 chưa đủ cán bộ');
    await operator.page.getByLabel(/Tìm/).fill('dong van');
    expect(await operator.page.getByText('UBND huyện Đồng Văn').count()).toBeGreaterThan(0);
  });

  it('has every act on record', async () => {
    await operator.open('Nhật ký');
    for (const act of ['session.open', 'meeting.create', 'pairing.assign', 'link.revoke']) await operator.reads(act);
    await operator.reads('Tên hoặc mật khẩu chưa đúng.');
  });

  it('has no serious fault of accessibility on any of its pages', async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    for (const part of ['Cuộc họp', 'Điểm cầu', 'Ghép thiết bị', 'Đường dẫn', 'Người dùng', 'Nhật ký']) {
      await operator.open(part);
      expect([part, await faults(operator.page, axe)]).toEqual([part, []]);
    }
    expect(await faults(kiosk, axe)).toEqual([]);
  });
});

/** faults lists what axe finds serious or worse. It runs outside the page's own policy. */
async function faults(page: Page, axe: string): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations
      .filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .map((v) => `${v.id}: ${v.nodes[0]?.html.slice(0, 200)}`);
  });
}
