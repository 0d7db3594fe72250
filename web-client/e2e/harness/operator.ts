// The operator at the page /operator, and the kiosk that is paired there.

import type { BrowserContext, Page } from 'playwright-core';
import type { Bridge } from './bridge.ts';
import { type BrowserOptions, launch } from './browser.ts';
import type { Cleanup } from './cleanup.ts';
import { Person } from './people.ts';
import { until } from './wait.ts';

/** A meeting as the operator orders it. */
export interface Order {
  title: string;
  system: string;
  inMinutes: number;
}

/** A row of the operator's list of meetings. */
export interface Held {
  id: string;
  title: string;
  phase: string;
  present: number;
  points: number;
}

/** Operator runs the installation. */
export class Operator extends Person {
  static async enter(context: BrowserContext, bridge: Bridge): Promise<Operator> {
    const page = await context.newPage();
    page.on('dialog', (d) => void d.accept());
    await page.goto(`${bridge.url}/operator`);
    return new Operator('the operator', page);
  }

  async signIn(name: string, password: string): Promise<void> {
    await this.page.getByLabel('Tên đăng nhập').fill(name);
    await this.page.getByLabel('Mật khẩu').fill(password);
    await this.page.getByRole('button', { name: 'Đăng nhập' }).click();
  }

  /** open turns to a part of the page by its tab. */
  async open(part: string): Promise<void> {
    await this.page.getByRole('navigation').getByRole('button', { name: part, exact: true }).click();
    await this.page.getByRole('heading', { level: 2, name: part }).first().waitFor();
  }

  /** hold creates a meeting of a system; the rest of the five fields fill themselves in. */
  async hold(order: Order): Promise<void> {
    const form = this.page.getByTestId('new-meeting');
    await form.locator('summary').click();
    await form.locator('[name=title]').fill(order.title);
    await form.locator('[name=system]').selectOption(order.system);
    // The browser's zone is Vietnam's, as launch sets it.
    await this.typeDate('startsAt', new Date(Date.now() + order.inMinutes * 60_000 + 7 * 3600_000));
    await form.locator('button[type=submit]').click();
  }

  /** typeDate types a moment of UTC into a field of dates, in the order of the country: day, month, year, hour, minute. */
  async typeDate(name: string, at: Date): Promise<void> {
    const [year, month, day, hour, minute] = at.toISOString().split(/\D/);
    await this.page.getByTestId(`date-${name}`).getByRole('spinbutton').first().focus();
    for (const part of [day, month, year, hour, minute]) await this.page.keyboard.type(part ?? '');
  }

  /** schedule is what the server lists, asked with the page's own session. */
  schedule(): Promise<Held[]> {
    return this.page.evaluate(async () => (await (await fetch('/api/v1/schedule')).json()) as never);
  }

  /** pair gives the kiosk that shows a code a point. */
  async pair(code: string, point: string): Promise<void> {
    await this.open('Ghép thiết bị');
    await this.page.locator('[name=code]').fill(code);
    await this.page.locator('[name=point]').selectOption(point);
    await this.page.getByRole('button', { name: 'Ghép', exact: true }).click();
    await this.reads(/Thiết bị nay là điểm cầu/);
  }

  /** takeFrom opens the page of a role from the row of the newest meeting. */
  async takeFrom(key: string): Promise<Page> {
    await this.open('Cuộc họp');
    const row = this.page.locator('tr[data-meeting]').first();
    const [page] = await Promise.all([
      this.page.context().waitForEvent('page'),
      row.getByRole('button', { name: key }).click(),
    ]);
    return page;
  }

  /** revoke takes a point's devices back. */
  async revoke(point: string): Promise<void> {
    await this.page.evaluate(async (id) => {
      const links = (await (await fetch('/api/v1/links')).json()) as { id: string; point?: string }[];
      for (const l of links.filter((row) => row.point === id))
        await fetch(`/api/v1/links/${l.id}`, { method: 'DELETE' });
    }, point);
  }
}

/** pairedKiosk opens a room page without a link, reads the code off it and has the operator give it a point. */
export async function pairedKiosk(
  cleanup: Cleanup,
  bridge: Bridge,
  operator: Operator,
  point: string,
  options: BrowserOptions = {},
): Promise<Page> {
  const context = await launch(cleanup, { viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  await page.goto(`${bridge.url}/room`);
  const code = await until('a code on the kiosk', () => page.locator('output[data-code]').getAttribute('data-code'));
  await page.getByRole('img', { name: 'Mã QR mở trang ghép thiết bị' }).waitFor();
  await operator.pair(code, point);
  await page.getByTestId('pairing').waitFor({ state: 'detached' });
  return page;
}
