// Every page that is worked before and beside a meeting: the operator's tabs,
// a machine that is new, the second monitor, a relay source.

import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Bridge } from './bridge.ts';
import { sit } from './browser.ts';
import { Operator } from './operator.ts';
import { pointOf } from './points.ts';
import { moment, province } from './province.ts';
import { at } from './roomstates.ts';
import { Stage } from './staged.ts';

/** Visit is called in each state, with a name for it. */
export type Visit = (shown: { page: Page }, name: string) => Promise<void>;

const desk = { width: 1440, height: 900 };

/** The operator's tabs, as the page calls them. */
const tabs = [
  ['Cuộc họp', 'meetings'],
  ['Điểm cầu', 'points'],
  ['Cho mượn điểm cầu', 'consents'],
  ['Ghép thiết bị', 'pairing'],
  ['Đường dẫn', 'links'],
  ['Người dùng', 'people'],
  ['Nhật ký', 'audit'],
] as const;

/** operatorStates goes through the operator's page, of a bridge without a demo meeting. */
export async function operatorStates(context: BrowserContext, bridge: Bridge, visit: Visit): Promise<void> {
  const operator = await Operator.enter(context, bridge);
  const { page } = operator;
  await page.setViewportSize(desk);
  await visit(operator, 'sign-in');
  await operator.signIn('operator', bridge.firstPassword());
  await operator.reads('Tạo cuộc họp');
  await page.getByTestId('new-meeting').locator('summary').click();
  await page.getByTestId('new-meeting').locator('[name=title]').fill('Giao ban tuần 47');
  await visit(operator, 'new-meeting');
  await page.getByTestId('new-meeting').locator('summary').click();
  await operator.hold({ title: 'Giao ban tuần 47', system: 'ha-giang-tinh', inMinutes: 45 });
  await operator.reads(/Đã tạo/);
  const kiosk = await sit(context.browser() as Browser, { viewport: { width: 1920, height: 1080 } });
  await newMachine(kiosk, bridge, operator, visit);
  for (const [part, name] of tabs) {
    await operator.open(part);
    await visit(operator, name);
  }
  await page.close();
}

/** A machine that nobody has set up shows its code, and is given a point. */
async function newMachine(kiosk: BrowserContext, bridge: Bridge, operator: Operator, visit: Visit): Promise<void> {
  const page = await kiosk.newPage();
  await page.goto(`${bridge.url}/room`);
  const code = await page.locator('output[data-code]').getAttribute('data-code');
  await page.getByRole('img', { name: 'Mã QR mở trang ghép thiết bị' }).waitFor();
  await visit({ page }, 'code');
  await operator.pair(code ?? '', pointOf(2).id);
  await kiosk.close();
}

/** doorStates are what a browser shows that does not trust the server, or has no link. */
export async function doorStates(context: BrowserContext, bridge: Bridge, visit: Visit): Promise<void> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1000, height: 1500 });
  await page.goto(bridge.url);
  await visit({ page }, 'trust');
  await page.close();
}

/** secondStates are the second monitor of a desk, and a relay source. */
export async function secondStates(context: BrowserContext, url: string, visit: Visit): Promise<void> {
  const viewport = { width: 2560, height: 1440 };
  // Its pictures are those it looks at, none of the meeting's own.
  const view = { ...province(), slots: { video: [], voices: [] } };
  const monitor = { role: 'controller' as const, view, at: moment, viewport };
  const wall = await Stage.open(context, { url: `${url}/monitor#t=T`, ...monitor });
  await wall.page.getByTestId('monitor').waitFor();
  await wall.page.waitForFunction(() => document.querySelectorAll('img').length > 150);
  await visit(wall, 'monitor');
  // The provincial system alone: 22 rooms, a few of each district.
  const few = Object.fromEntries(Object.entries(view.roster ?? {}).filter(([, row]) => (row?.number ?? 0) <= 22));
  wall.say({ t: 'view', seq: 40, d: { ...view, roster: few } });
  await wall.page.waitForFunction(() => document.querySelectorAll('.sn').length === 22);
  await visit(wall, 'monitor-few');
  wall.say({ t: 'view', seq: 41, d: view });
  await wall.page.waitForFunction(() => document.querySelectorAll('.sn').length > 200);
  await wall.page.locator('[data-act="live"]').click();
  await wall.page.waitForFunction(() => {
    const videos = [...document.querySelectorAll<HTMLVideoElement>('video:not(.away)')];
    return videos.length === 25 && videos.every((v) => v.videoWidth > 0);
  });
  await visit(wall, 'monitor-live');
  await wall.page.close();

  const own = { point: 'hg-217', name: 'Nguồn chuyển tiếp: Văn phòng Chính phủ', presence: 'present' as const };
  const first = {
    meeting: view.meeting,
    own: { ...own, mic: 'on' as const, content: 'off' as const, sinceMs: at - 60_000, mayAsk: false, mayShow: false },
    slots: { video: [], voices: [] },
  };
  const source = { role: 'room' as const, point: 'hg-217', view: first, at, viewport: { width: 1280, height: 900 } };
  const relay = await Stage.open(context, { url: `${url}/relay#t=T`, ...source });
  // A gate that is told before the page knows its point is not heard.
  await relay.page.locator('[data-testid="relay"][data-mic="opening"]').waitFor();
  relay.say({ t: 'gate', d: { source: 'hg-217/microphone', open: true, seq: 9 } });
  await relay.page.locator('[data-testid="relay"][data-mic="on"]').waitFor();
  await visit(relay, 'relay');
  await relay.page.close();
}
