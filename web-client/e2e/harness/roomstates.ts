// Every state of the room's television, the officer's telephone, a wall and a
// relay source, one after the other, as people come to see them. Unit names
// are real; persons, telephone numbers and figures are invented.

import type { BrowserContext } from 'playwright-core';
import type { IncidentView, MeetingView, MessageView, OwnView, TileView, View } from '../../src/wire.ts';
import { Stage } from './staged.ts';

export type Lang = 'vi' | 'en';

/** Where the states are gone through. */
export interface Where {
  context: BrowserContext;
  /** Where the pages are served. */
  url: string;
  lang: Lang;
  viewport?: { width: number; height: number };
}

/** Visit is called in each state, with a name for it. */
export type Visit = (stage: Stage, name: string) => Promise<void>;

/** The moment everything is told at: 09:42:17 in Vietnam. */
export const at = Date.UTC(2026, 10, 16, 2, 42, 17);
const minute = 60_000;
const tv = { width: 1920, height: 1080 };
const phone = { width: 390, height: 844 };
const support = { name: 'Hoàng Thị Hạnh', phone: '0219 000 0101' };

const meeting = (more: Partial<MeetingView> = {}): MeetingView => ({
  id: 'm',
  title: 'Giao ban quý III: phòng, chống thiên tai và giảm nghèo bền vững',
  hostUnit: 'UBND tỉnh Hà Giang',
  status: 'open',
  phase: 'open',
  startsAtMs: at - 102 * minute,
  chairPoint: 'hg-001',
  points: 217,
  present: 203,
  ...more,
});
const own = (more: Partial<OwnView> = {}): OwnView => ({
  point: 'hg-023',
  name: 'UBND xã Lũng Cú',
  presence: 'present',
  mic: 'off',
  content: 'off',
  mayAsk: true,
  mayShow: true,
  support,
  ...more,
});
const tile = (id: string, name: string, more: Partial<TileView> = {}): TileView => ({
  source: `${id}/camera`,
  name,
  mic: 'off',
  ...more,
});
const chair = tile('hg-001', 'UBND tỉnh Hà Giang');
const speaker = tile('hg-050', 'UBND xã Thanh Thủy', { parent: 'H. Vị Xuyên', mic: 'on' });
const six: TileView[] = [
  speaker,
  chair,
  tile('hg-010', 'UBND huyện Vị Xuyên'),
  tile('hg-011', 'UBND huyện Đồng Văn'),
  tile('hg-012', 'UBND thành phố Hà Giang', { note: 'lost' }),
  tile('hg-013', 'UBND huyện Hoàng Su Phì'),
];
const slots = (tiles: TileView[]) => ({
  video: ['slide/content', ...tiles.map((t) => t.source)].filter((s, i, all) => all.indexOf(s) === i),
  voices: [],
});
const view = (tiles: TileView[], more: Partial<View> = {}): View => ({
  meeting: meeting(),
  own: own(),
  picture: { layout: tiles.length === 1 ? '1' : '1+5', tiles },
  slots: slots(tiles),
  floor: { mode: 'one-by-one', limit: 1, atZero: 'close', requests: [] },
  ...more,
});

/** drawCamera gives the room a picture of itself; it runs inside the page. */
export function drawCamera(): void {
  if (!navigator.mediaDevices) return; // the empty page before the first
  const board = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
  const pen = board.getContext('2d') as CanvasRenderingContext2D;
  const draw = () => {
    pen.fillStyle = '#3b4145';
    pen.fillRect(0, 0, 640, 360);
    pen.fillStyle = '#5d2323';
    pen.fillRect(150, 0, 340, 90);
    for (const x of [200, 320, 440]) {
      pen.fillStyle = '#2b3550';
      pen.fillRect(x - 48, 190, 96, 90);
      pen.fillStyle = '#b98a68';
      pen.beginPath();
      pen.arc(x, 165, 30, 0, 7);
      pen.fill();
    }
    pen.fillStyle = '#5a4331';
    pen.fillRect(0, 262, 640, 98);
  };
  draw();
  setInterval(draw, 500);
  const sound = () => new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
  /** A drawn track says which of the devices it is of. */
  const of =
    (deviceId: string) =>
    (track: MediaStreamTrack): MediaStreamTrack => {
      const copy = track.clone.bind(track);
      return Object.assign(track, { getSettings: () => ({ deviceId }), clone: () => of(deviceId)(copy()) });
    };
  const device = (kind: MediaDeviceKind, label: string) => ({ kind, label, deviceId: label, groupId: '' });
  const devices = [
    device('videoinput', 'Camera phòng họp (USB)'),
    device('audioinput', 'Bàn trộn âm thanh'),
    device('audiooutput', 'TV phòng họp (HDMI)'),
  ];
  navigator.mediaDevices.enumerateDevices = async () => devices as MediaDeviceInfo[];
  navigator.mediaDevices.getUserMedia = async (wanted = {}) =>
    new MediaStream([
      ...(wanted.video ? board.captureStream(5).getVideoTracks().map(of('Camera phòng họp (USB)')) : []),
      ...(wanted.audio ? sound().map(of('Bàn trộn âm thanh')) : []),
    ]);
}

/** clockAt sets the browser's clock to the moment: a room whose clock is wrong says so. */
export async function clockAt(context: BrowserContext): Promise<void> {
  await context.addInitScript((offset) => {
    const Real = Date;
    const Shifted = class extends Real {
      constructor(...args: [] | [number]) {
        if (args.length) super(...args);
        else super(Real.now() + offset);
      }
      static override now() {
        return Real.now() + offset;
      }
    };
    Object.assign(window, { Date: Shifted });
  }, at - Date.now());
}

async function open({ context, url, lang, viewport = tv }: Where, first: View, more = ''): Promise<Stage> {
  const role = 'room';
  const stage = await Stage.open(context, {
    url: `${url}/room#t=T${more}`,
    role,
    point: 'hg-023',
    view: first,
    at,
    viewport,
    lang,
  });
  await stage.page.locator('[data-testid="room"], [data-testid="door"]').first().waitFor();
  await stage.page.evaluate(() => document.fonts.ready);
  return stage;
}

const gate = (stage: Stage, isOpen: boolean) =>
  stage.say({ t: 'gate', d: { source: 'hg-023/microphone', open: isOpen, seq: 9 } });

/** mics go through the states of the microphone, in the order of a turn. */
async function mics(stage: Stage, visit: Visit): Promise<void> {
  const { page } = stage;
  const say = async (o: Partial<OwnView>, state: string, name: string) => {
    stage.patch({ own: own(o) });
    await page.locator(`[data-testid="room"][data-mic="${state}"]`).waitFor();
    await visit(stage, name);
  };
  await page.locator('[data-view="meeting"]').waitFor();
  await visit(stage, 'off');
  await page.keyboard.press('ArrowDown');
  await visit(stage, 'actions');
  await page.keyboard.press('Escape');
  await say({ mic: 'asked', place: 3 }, 'asked', 'asked');
  await say({ mic: 'off', denied: 1 }, 'off', 'denied');
  await say({ mic: 'invited', denied: 1 }, 'invited', 'invited');
  await say({ mic: 'on', sinceMs: at, denied: 1 }, 'opening', 'opening');
  gate(stage, true);
  await say({ mic: 'on', sinceMs: stage.now() - 134_000, denied: 1 }, 'on', 'speaking');
  const turn = { mic: 'on', sinceMs: stage.now() - 134_000, closes: true, denied: 1 } as const;
  stage.patch({ own: own({ ...turn, endsAtMs: stage.now() + 28_900 }) });
  await page.locator('[data-testid="mic-plate"] em').waitFor();
  await visit(stage, 'time');
  stage.patch({ own: own({ ...turn, endsAtMs: stage.now() + 2900 }) });
  await page.locator('.count').waitFor();
  await visit(stage, 'countdown');
  gate(stage, false);
  await say({ mic: 'off', denied: 1 }, 'off', 'over');
  await say({ mic: 'back', denied: 1 }, 'back', 'back');
  stage.patch({ own: own({ mic: 'off', denied: 1 }) });
}

/** roomStates goes through the television. */
export async function roomStates(where: Where, visit: Visit): Promise<void> {
  await meetingStates(where, visit);
  await asideStates(where, visit);
}

async function meetingStates(where: Where, visit: Visit): Promise<void> {
  const stage = await open(where, view(six));
  const { page } = stage;
  await mics(stage, visit);
  stage.patch({ banners: [{ audience: 'all', text: 'Nghỉ giải lao 10 phút. Họp lại lúc 09:55.' }] });
  const banner = page.getByText('Nghỉ giải lao');
  await banner.waitFor();
  await visit(stage, 'banner');
  stage.patch({ banners: [] });
  await banner.waitFor({ state: 'hidden' }); // nor does a key come before what was told
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.getByTestId('panel').waitFor();
  await visit(stage, 'help');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByTestId('devices').waitFor();
  await visit(stage, 'settings');
  await page.keyboard.press('Escape');
  const content = { source: 'slide/content', name: 'UBND tỉnh Hà Giang', mic: 'off' as const };
  stage.patch({ picture: { layout: 'content+1', tiles: [content, speaker] }, own: own({ mic: 'asked', place: 3 }) });
  await visit(stage, 'presentation');
  stage.cut();
  await page.getByTestId('lost').waitFor();
  await visit(stage, 'lost');
  await page.close();
}

async function asideStates(where: Where, visit: Visit): Promise<void> {
  const lobby = meeting({ phase: 'lobby', startsAtMs: at + 78 * minute + 17_000 });
  const stage = await open(where, view([chair], { meeting: lobby }));
  const { page } = stage;
  await visit(stage, 'lobby');
  const check = {
    camera: 'good',
    microphone: 'good',
    speaker: 'good',
    echo: 'good',
    line: 'weak',
    power: 'good',
  } as const;
  const checked = {
    check: { ...check, upKbps: 900, downKbps: 1800, delayMs: 41 },
    atMs: at - minute,
    by: 'room' as const,
  };
  stage.patch({ own: own({ checked }) });
  await visit(stage, 'checked');
  await page.keyboard.press('Enter');
  await page.locator('[data-testid="checks"][data-at="speaker"]').waitFor();
  await visit(stage, 'checking');
  stage.patch({ meeting: meeting({ phase: 'closing' }), own: own({ mayLeave: true }) });
  await page.keyboard.press('Escape');
  await page.locator('.closing').waitFor();
  await visit(stage, 'closing');
  stage.say({
    t: 'view',
    seq: 50,
    d: {
      meeting: meeting({ status: 'ended', phase: 'ended', startedAtMs: at - 90 * minute, endedAtMs: at }),
      own: own({ finished: true }),
    },
  });
  await visit(stage, 'ended');
  const next = {
    nextTitle: meeting().title,
    nextHost: meeting().hostUnit,
    nextAtMs: at + 26 * 60 * minute,
    lobbyAtMs: at + 24 * 60 * minute,
  };
  stage.say({ t: 'view', seq: 51, d: { idle: { ...next, why: 'meeting.not_open' } } });
  await visit(stage, 'idle');
  stage.say({ t: 'view', seq: 52, d: { idle: {} } });
  await visit(stage, 'nothing');
  stage.say({ t: 'view', seq: 53, d: { idle: { inUse: true } } });
  await visit(stage, 'inuse');
  await page.close();
}

const messages: MessageView[] = [
  {
    id: 3,
    atMs: at - 47 * minute,
    name: 'Hoàng Thị Hạnh',
    text: 'Đề nghị các xã kiểm tra dầu máy nổ, dự báo có dông.',
  },
  {
    id: 5,
    atMs: at - 4 * minute,
    name: 'Hoàng Thị Hạnh',
    text: 'Điểm cầu Lũng Pù mất kết nối. Đề nghị báo nguyên nhân, giải pháp, giờ dự kiến khắc phục xong.',
  },
  { id: 7, atMs: at - 3 * minute, from: 'hg-023', text: 'Phòng họp mất điện, đang chạy máy nổ.' },
];
const incident: IncidentView = { id: 9, point: 'hg-023', name: 'UBND xã Lũng Pù', openedAtMs: at - 252_000 };

/** focalStates goes through the officer's telephone. */
export async function focalStates({ context, url, lang }: Where, visit: Visit): Promise<void> {
  const first: View = {
    meeting: meeting({ phase: 'lobby', startsAtMs: at + 78 * minute }),
    own: own({ name: 'UBND xã Lũng Pù' }),
    messages: { list: messages, upTo: 0, desk: 7 },
  };
  const options = { role: 'focal' as const, point: 'hg-023', view: first, at, viewport: phone, lang };
  const stage = await Stage.open(context, { url: `${url}/focal#t=T`, ...options });
  const { page } = stage;
  const tap = (act: string) => page.locator(`[data-act="${act}"]`).click();
  await page.getByTestId('focal').waitFor();
  await page.evaluate(() => document.fonts.ready);
  await tap('tick-camera');
  await tap('tick-microphone');
  await visit(stage, 'check');
  const checked = { check: { signed: 'Sùng Mí Lử' }, atMs: at - minute, by: 'focal' as const };
  stage.patch({ own: own({ name: 'UBND xã Lũng Pù', checked }) });
  await page.getByTestId('signed').waitFor();
  await visit(stage, 'signed');
  stage.patch({ meeting: meeting() });
  await tap('tab-speak');
  await visit(stage, 'speak');
  stage.patch({
    own: own({ name: 'UBND xã Lũng Pù', mic: 'asked', place: 2, delegate: 'Sùng Mí Lử', subject: 'Đường sá' }),
  });
  await page.locator('[data-act="withdraw"]').waitFor();
  await visit(stage, 'asked');
  await tap('tab-messages');
  await visit(stage, 'messages');
  stage.patch({ own: own({ name: 'UBND xã Lũng Pù', presence: 'absent' }), incidents: [incident] });
  await tap('tab-incident');
  await tap('cause-power');
  await visit(stage, 'incident');
  await tap('tab-phones');
  await visit(stage, 'phones');
  await page.close();
}

/** wallStates goes through a wall. */
export async function wallStates({ context, url, lang }: Where, visit: Visit): Promise<void> {
  const { own: _, ...rest } = view(six);
  const options = { role: 'observer' as const, at, viewport: tv, lang };
  const stage = await Stage.open(context, { url: `${url}/wall#t=T`, view: rest, ...options });
  await stage.page.getByTestId('wall').waitFor();
  await visit(stage, 'wall');
  stage.say({ t: 'view', seq: 60, d: { idle: { nextTitle: meeting().title, nextAtMs: at + minute } } });
  await visit(stage, 'quiet');
  await stage.page.close();
}
