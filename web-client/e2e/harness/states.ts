// Every state of the console and of the chair's tablet, one after the other,
// as a controller and a chair come to see them.

import './exposed.ts';
import type { BrowserContext } from 'playwright-core';
import type { FloorView, NodeView, View } from '../../src/wire.ts';
import type { Bridge } from './bridge.ts';
import { moment, province } from './province.ts';
import { Stage } from './staged.ts';

export type Lang = 'vi' | 'en';

/** Where the states are gone through: with pictures or without. */
export interface Where {
  context: BrowserContext;
  bridge: Bridge;
  lang: Lang;
  media?: boolean;
}

/** Visit is called in each state, with a name for it. */
export type Visit = (stage: Stage, name: string) => Promise<void>;

const desk = { width: 2560, height: 1440 };
const tablet = { width: 1180, height: 820 };

const panels = [
  ['Shift+Slash', 'help'],
  ['l', 'saved'],
  ['o', 'order-editor'],
  ['r', 'roll'],
  ['q', 'links'],
  ['Shift+KeyP', 'rotation-panel'],
] as const;

/** consoleStates goes through the console. */
export async function consoleStates({ context, bridge, lang, media = true }: Where, visit: Visit): Promise<void> {
  const url = bridge.link('/console');
  const view = province();
  const stage = await Stage.open(context, {
    url,
    media,
    role: 'controller',
    view,
    at: moment,
    viewport: desk,
    lang,
  });
  const { page } = stage;
  await page.getByTestId('console').waitFor();
  await page.evaluate(weaken, { points: weakOnes(view), until: moment });
  await page.keyboard.press('Shift+Digit3');
  await page.keyboard.type('18');
  await settled(stage);
  await visit(stage, 'console');
  await page.keyboard.press('Escape');
  for (const [key, name] of panels) {
    if (name === 'roll') stage.patch({ rollcall: sheet() });
    if (name === 'links') stage.patch({ nodes });
    await page.keyboard.press(key);
    await page.getByTestId(name).waitFor();
    await visit(stage, `console-${name}`);
    await page.getByTestId(name).locator('[data-act="close"]').click();
  }
  await page.locator('[data-act="meeting"]').click();
  await visit(stage, 'console-meeting');
  await page.getByTestId('meeting').locator('[data-act="close"]').click();
  await page.locator('.led').nth(40).click();
  await page.locator('[data-act="describe"]').first().click();
  await visit(stage, 'console-chosen');
  const source = { ...feed, code: 'nguon', system: 'ha-giang-tinh', tier: 'province' };
  const order = { who: 'Đ/c Chủ tịch UBND tỉnh', document: 'Công văn 512/VPCP-TH', openedAtMs: moment - 95_000 };
  stage.patch({
    roster: { [feed.id]: source },
    floor: { ...view.floor, feed: { point: feed.id, ...order } } as FloorView,
  });
  await page.locator(`.led[data-point="${feed.id}"]`).click();
  await page.getByTestId('feed').waitFor();
  await visit(stage, 'console-feed');
  await page.close();
}

/** A relay source among the province's points. */
const feed = {
  id: 'hg-218',
  number: 218,
  name: 'Nguồn chuyển tiếp từ Văn phòng Chính phủ',
  presence: 'present' as const,
  mic: 'on' as const,
  feed: true,
};

/** chairStates goes through the chair's tablet. */
export async function chairStates({ context, bridge, lang, media = true }: Where, visit: Visit): Promise<void> {
  const url = bridge.link('/chair');
  const view = province('chair');
  const stage = await Stage.open(context, { url, media, role: 'chair', view, at: moment, viewport: tablet, lang });
  const { page } = stage;
  await page.getByTestId('chair').waitFor();
  await settled(stage);
  await visit(stage, 'chair');
  await page.locator('[data-act="search"]').click();
  await page.getByTestId('search').fill('xin man');
  await visit(stage, 'chair-search');
  await page.locator('[data-act="close"]').click();
  const [own] = Object.values(view.roster ?? {});
  const quiet: View = { floor: { mode: 'one-by-one', limit: 1, atZero: 'warn', requests: [] } };
  if (own) stage.patch({ ...quiet, roster: { [own.id]: { ...own, mic: 'off' } } });
  await settled(stage);
  await visit(stage, 'chair-quiet');
  if (own) stage.patch({ roster: { [own.id]: { ...own, mic: 'back' } } });
  await settled(stage);
  await visit(stage, 'chair-restarted');
  await page.close();
}

/** settled waits until what was told is drawn, and videos move. */
async function settled({ page }: Stage): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLVideoElement>('video:not(.away)')].every(
      (v) => v.closest('[hidden]') || v.videoWidth > 0,
    ),
  );
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** The points whose lines are measured, and how much each loses in percent. */
function weakOnes(view: View): [string, number][] {
  const lost: Record<string, number> = {
    'Xín Cái': 6.2,
    'Lũng Táo': 3.8,
    'Cao Mã Pờ': 3.1,
    'Nàn Xỉn': 2.7,
    'Du Tiến': 2.2,
    'Bát Đại Sơn': 2,
    'Bản Luốc': 0.3,
  };
  return Object.values(view.roster ?? {}).flatMap((row): [string, number][] => {
    const name = Object.keys(lost).find((n) => row?.name === `UBND xã ${n}`);
    return row && name ? [[row.id, lost[name] ?? 0]] : [];
  });
}

/** weaken runs inside the page: it measures lines as a server would tell them. */
function weaken({ points, until }: { points: [string, number][]; until: number }): void {
  const { state } = window.__giaoban;
  for (let s = 600; s > 0; s--)
    state.lines.heard({
      atMs: until - s * 1000,
      lines: points.map(([point, loss]) => ({
        point,
        word: loss < 1 ? 'good' : 'weak',
        upKbps: 420 + (s % 9),
        downKbps: 960 + (s % 31),
        estimateKbps: 1650,
        lossUp: loss / 2,
        lossDown: Math.max(0, Math.round((loss + Math.sin(s / 20)) * 10) / 10),
        rttMs: 60 + (s % 30),
        jitterMs: 8 + (s % 7),
        queueMs: s % 12,
        layers: ['q', 'h'],
        concealed: 0.2,
      })),
    });
}

/** A tree of three tiers, one line of which is lost. */
const nodes: NodeView[] = [
  ['tw/02', 'Tỉnh Hà Giang', 'province', 'up', 3200, 41],
  ['tw/02/026', 'Huyện Đồng Văn', 'district', 'up', 1100, 33],
  ['tw/02/027', 'Huyện Mèo Vạc', 'district', 'lost', 0, 0],
].map(([node, name, tier, state, kbit, rttMs]) => ({
  node: String(node),
  name: String(name),
  tier: String(tier),
  state: String(state),
  upBps: Number(kbit) * 400,
  downBps: Number(kbit) * 1000,
  lossPercent: kbit ? 0.6 : 0,
  rttMs: Number(rttMs),
  streamsUp: kbit ? 3 : 0,
  streamsDown: kbit ? 9 : 0,
  path: kbit ? 'udp' : '',
  version: '1.0.0',
}));

function sheet() {
  const rows = Object.values(province().roster ?? {}).slice(0, 60);
  const marks = rows.flatMap((row) =>
    row
      ? [
          {
            point: row.id,
            state: row.presence === 'present' ? ('present' as const) : ('absent' as const),
            atMs: moment,
          },
        ]
      : [],
  );
  return { startedAtMs: moment, current: 'hg-060', next: 'hg-061', marks };
}
