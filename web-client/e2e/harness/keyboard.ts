// A page worked without a mouse.

import type { Page } from 'playwright-core';
import { until } from './wait.ts';

/** More keys than this lead nowhere. */
const MOST_TABS = 400;

/** tabTo goes with Tab, or back with Shift+Tab, until what the selector finds has the focus. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  await page.locator(selector).first().waitFor();
  for (let i = 0; i < MOST_TABS; i++) {
    const where = await page.evaluate((wanted) => {
      const target = document.querySelector(wanted);
      const here = document.activeElement;
      if (!target) return 'gone';
      if (here === target) return 'here';
      if (!here || here === document.body) return 'after';
      return here.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING ? 'before' : 'after';
    }, selector);
    if (where === 'here') return;
    await page.keyboard.press(where === 'before' ? 'Shift+Tab' : 'Tab');
  }
  throw new Error(`no Tab leads to ${selector}`);
}

/** enter goes to a key of the screen and presses it. */
export async function enter(page: Page, selector: string): Promise<void> {
  await tabTo(page, selector);
  await page.keyboard.press('Enter');
}

/** hold goes to a guarded key and holds Enter until it has done what it guards. */
export async function hold(page: Page, selector: string, done: () => Promise<boolean>): Promise<void> {
  await tabTo(page, selector);
  await holding(page, 'Enter', `${selector}, held`, done);
}

/** holding keeps a key down until something has come about. */
export async function holding(page: Page, key: string, what: string, done: () => Promise<boolean>): Promise<void> {
  await page.keyboard.down(key);
  await until(what, done);
  await page.keyboard.up(key);
}

/** choose goes to a list of choices and steps with the arrows to the one of this value. */
export async function choose(page: Page, selector: string, value: string): Promise<void> {
  await tabTo(page, selector);
  await until(`${selector} to stand at ${value}`, async () => {
    const list = page.locator(selector).first();
    if ((await list.inputValue()) === value) return true;
    const down = await list.evaluate(
      (s: HTMLSelectElement, v) => s.selectedIndex < [...s.options].findIndex((o) => o.value === v),
      value,
    );
    await page.keyboard.press(down ? 'ArrowDown' : 'ArrowUp');
    return false;
  });
}
