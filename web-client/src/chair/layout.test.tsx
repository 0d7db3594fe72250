// The chair's screen as Chromium lays it out, in every size a chair may have.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Lang, setLang } from '../i18n/i18n';
import { open } from '../link/fake';
import { row, setStage, show, ticket } from '../page/stage';
import type { RequestView, View } from '../wire';
import { ChairScreen } from './ChairScreen';
import { Tablet } from './tablet';

const points = Array.from({ length: 22 }, (_, i) =>
  row(i + 1, { name: `Cụm xã biên giới Thanh Thủy ${i + 1}`, parent: 'UBND huyện Hoàng Su Phì', chair: i === 0 }),
);
const request = (n: number, state: RequestView['state']): RequestView => ({
  point: row(n).id,
  floor: 'speech',
  state,
  mic: state === 'granted' ? 'on' : 'asked',
  askedAtMs: 0,
  grantedAtMs: 1,
});
const view: View = {
  ...open,
  roster: Object.fromEntries(points.map((r) => [r.id, r])),
  floor: {
    mode: 'one-by-one',
    atZero: 'warn',
    limit: 1,
    requests: [request(2, 'granted'), ...[3, 4, 5, 6].map((n) => request(n, 'pending'))],
  },
};

const source = join(import.meta.dirname, '..');
const font = (name: string) =>
  `data:font/woff2;base64,${readFileSync(join(source, 'ui/fonts', name)).toString('base64')}`;
const style = ['ui/tokens.css', 'ui/picture.css', 'ui/door.css', 'chair/chair.css']
  .map((file) => readFileSync(join(source, file), 'utf8'))
  .join('\n')
  .replace(/\.\/fonts\/([\w-]+\.woff2)/g, (_, name: string) => font(name));

let browser: Browser;
beforeAll(async () => {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}, 60_000);
afterAll(() => browser.close());

/** drawnIn draws the chair's screen once, for every size to lay out. */
async function drawnIn(lang: Lang): Promise<Page> {
  setStage();
  setLang(lang);
  const tablet = new Tablet(ticket);
  await show(<ChairScreen tablet={tablet} />, { you: { role: 'chair', point: 'hg-01' } }, view);
  const body = document.body.innerHTML;
  tablet.page.link.close();
  vi.unstubAllGlobals();
  setLang('vi');
  const page = await browser.newPage();
  await page.setContent(`<!doctype html><style>${style}</style><body>${body}</body>`);
  await page.evaluate(() => document.fonts.ready);
  return page;
}

/** trip reads from the page what a person would trip over. It runs in the page. */
function trip() {
  const { scrollWidth, scrollHeight } = document.documentElement;
  const screen = { top: 0, bottom: innerHeight, left: 0, right: innerWidth };
  const inside = (part: Element | null, whole: typeof screen) => {
    const at = part?.getBoundingClientRect();
    if (!at) return false;
    return at.top >= whole.top && at.bottom <= whole.bottom && at.left >= whole.left && at.right <= whole.right;
  };
  const unread = [...document.querySelectorAll('.keys .key')].filter((key) => {
    key.scrollIntoView({ block: 'center' });
    return !inside(key, screen) || !inside(key.lastElementChild, key.getBoundingClientRect());
  });
  const list = document.querySelector('.points ul') as HTMLElement;
  const last = list.lastElementChild as HTMLElement;
  last.scrollIntoView({ block: 'nearest' });
  // A program may also scroll what a person cannot.
  const whole = getComputedStyle(list).overflowY === 'auto' && list.scrollWidth <= list.clientWidth;
  const reached = whole && inside(last, list.getBoundingClientRect()) && inside(last, screen);
  return {
    unread: unread.map((key) => key.textContent),
    sideways: scrollWidth > innerWidth,
    scrolls: scrollHeight > innerHeight,
    list: !list.checkVisibility() ? 'hidden' : reached ? 'reached to its end' : 'cut',
  };
}

describe.each(['vi', 'en'] as const)('the chair in %s', (lang) => {
  let page: Page;
  beforeAll(async () => {
    page = await drawnIn(lang);
  }, 60_000);

  it.each([
    [1024, 700],
    [1366, 768],
    [1180, 820],
    [1920, 1080],
  ])('at %i by %i does not scroll, and its list of points does', { timeout: 30_000 }, async (width, height) => {
    await page.setViewportSize({ width, height });
    const list = 'reached to its end';
    expect(await page.evaluate(trip)).toEqual({ unread: [], sideways: false, scrolls: false, list });
  });

  it.each([
    [390, 844],
    [844, 390],
  ])('at %i by %i is one column that scrolls, with every key readable', { timeout: 30_000 }, async (width, height) => {
    await page.setViewportSize({ width, height });
    expect(await page.evaluate(trip)).toEqual({ unread: [], sideways: false, scrolls: true, list: 'hidden' });
  });
});
