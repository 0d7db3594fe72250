// A whole meeting through the screens (Decision 1373, Art 7 to 9): the operator
// holds it and pairs the rooms' machines, the controller leads it by keyboard,
// the chair touches a tablet, the rooms have the keys of a remote control. Then
// the minutes, checked against what was done, and the log moved to a server
// that never saw the meeting.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridge } from './harness/bridge.ts';
import { launch } from './harness/browser.ts';
import { captureOf } from './harness/capture.ts';
import { hearsOnly, showsPoints } from './harness/checks.ts';
import { Cleanup } from './harness/cleanup.ts';
import { giaoban } from './harness/commandline.ts';
import { choose, enter, hold, holding, tabTo } from './harness/keyboard.ts';
import { moment, ofCSV, ofPage, type Rows, seconds } from './harness/minutes.ts';
import { Operator, pairedKiosk } from './harness/operator.ts';
import { Chair, Desk, type Person, Room } from './harness/people.ts';
import { pointOf } from './harness/points.ts';
import { bringSlides, SLIDES, SLIDES_HZ } from './harness/slides.ts';
import { listen } from './harness/sound.ts';
import { until } from './harness/wait.ts';

const TITLE = 'Giao ban tháng 11';
const SYSTEM = 'ha-giang-tinh';

/** The speaking order as it is pasted: a table of three turns, two of one point. */
const ORDER = ['2\tÔng Sùng\tNgân sách\t5', '3\tBà Lý\tGiao thông', '2\tBà Mai\tBiên giới\t7'].join('\n');

const cleanup = new Cleanup();
let bridge: Bridge;
let office: BrowserContext;
let operator: Operator;
let desk: Desk;
let chair: Chair;
let hall: Room; // the chair point
let second: Room;
let third: Room;
let meeting = '';
/** The minutes by table, and the log, as the controller downloaded them. */
const minutes: Record<string, Rows> = {};
let log = '';

const name = (number: number) => pointOf(number).name;
const id = (number: number) => pointOf(number).id;
const keys = () => desk.page.keyboard;
const act = (what: string) => `[data-act="${what}"]`;
const others = (but?: Person) => [desk, hall, second, third].filter((p) => p !== but);

beforeAll(async () => {
  bridge = await Bridge.start(cleanup, { demo: false });
  office = await launch(cleanup, { viewport: { width: 1600, height: 900 } });
});
afterAll(() => cleanup.run());

/** kiosk is a new machine, switched on and paired. */
async function kiosk(number: number): Promise<Room> {
  const options = { capture: captureOf(number), viewport: { width: 960, height: 540 } };
  const room = new Room(number, await pairedKiosk(cleanup, bridge, operator, id(number), options));
  await room.connected();
  return room;
}

/** speaks has an invited room answer with OK; everybody else hears it, and it alone. */
async function speaks(room: Room): Promise<void> {
  await room.reads('MỜI PHÁT BIỂU');
  await room.ok();
  for (const p of others(room)) await hearsOnly(p, [room.number]);
}

/** download has the controller take a file, by keyboard. */
async function download(file: string): Promise<Buffer> {
  const [got] = await Promise.all([desk.page.waitForEvent('download'), enter(desk.page, act(`get-${file}`))]);
  expect(got.suggestedFilename()).toBe(`${meeting}-${file}`);
  return readFileSync(await got.path());
}

describe('a whole meeting', () => {
  it('is held by the operator, and its lobby is open', async () => {
    operator = await Operator.enter(office, bridge);
    await operator.signIn('operator', bridge.firstPassword());
    await operator.reads('Tạo cuộc họp');
    await operator.hold({ title: TITLE, system: SYSTEM, inMinutes: 60 });
    await operator.reads(`Đã tạo “${TITLE}”`);
    const row = await until('the lobby', async () => (await operator.schedule()).find((m) => m.phase === 'lobby'));
    expect([row.title, row.points]).toEqual([TITLE, 22]);
    meeting = row.id;
  });

  it('calls three machines into its lobby, each paired by its code', async () => {
    hall = await kiosk(1);
    second = await kiosk(2);
    third = await kiosk(3);
    for (const room of [hall, second, third]) {
      await room.reads(TITLE);
      expect(await room.page.getByTestId('room').getAttribute('data-view')).toBe('waiting');
    }
  });

  it('has its controller at the console and its chair at a tablet', async () => {
    desk = Desk.at(await operator.takeFrom('Bàn điều khiển'));
    await desk.connected();
    await operator.page.close();
    const link = await giaoban('link', 'chair', `--point=${id(1)}`, `--data=${bridge.data}`);
    const browser = office.browser();
    if (!browser) throw new Error('the office has no browser');
    const { pathname, hash } = new URL(link.out.trim());
    chair = await Chair.at(browser, bridge.url + pathname + hash);
    await desk.page.locator('[data-count="connected"]').getByText('3/22').waitFor();
  });

  it('opens', async () => {
    await enter(desk.page, act('meeting'));
    await enter(desk.page, act('meeting-start'));
    await keys().press('Escape');
    for (const room of [hall, second, third]) {
      await until(`${room.name} to be in the meeting`, async () => {
        return (await room.page.getByTestId('room').getAttribute('data-view')) === 'meeting';
      });
    }
    await showsPoints(second, [1]);
  });

  it('calls the roll: the connected at once, then an exception', async () => {
    const mark = `[data-testid="mark"][data-point="${id(4)}"]`;
    await keys().press('KeyR');
    await enter(desk.page, act('roll-quick'));
    await until('three marks', async () => (await desk.page.locator('[data-state="present"]').count()) === 3);
    await enter(desk.page, `${mark} ${act('mark-absent')}`);
    await desk.page.locator(`${mark}[data-state="absent"]`).waitFor();
    await tabTo(desk.page, `${mark} input`);
    await keys().insertText('Mất điện, chưa có máy nổ');
    await enter(desk.page, act('roll-finish'));
    await desk.page.getByTestId('roll').getByText('Đã xong lúc').waitFor();
    await keys().press('Escape');
  });

  it('lets three speak in the order of the programme', async () => {
    await keys().press('KeyO');
    await desk.page.getByTestId('order-editor').waitFor();
    await keys().insertText(ORDER);
    await desk.page.getByTestId('order-said').getByText('3 lượt').waitFor();
    await enter(desk.page, act('save-order'));
    await desk.page.getByTestId('order-editor').waitFor({ state: 'detached' });

    await keys().press('KeyG');
    await speaks(second);
    await showsPoints(chair, [2]);
    await chair.press(/Mời điểm cầu tiếp theo/);
    await speaks(third);
    for (const p of [hall, chair]) await showsPoints(p, [3]);
    await keys().press('KeyG');
    await speaks(second);
    await chair.press(/Kết thúc phát biểu/);
    await second.reads(/HẾT LƯỢT PHÁT BIỂU|MICRO TẮT/);
    for (const p of others()) await hearsOnly(p, []);
  });

  it('rotates its points on every screen', async () => {
    await keys().press('Shift+KeyP');
    await enter(desk.page, `dialog ${act('rotation-all')}`);
    await choose(desk.page, 'dialog [data-testid="rotation"] select', '5');
    await keys().press('Escape'); // leaves the list
    await keys().press('Escape');
    await desk.page.getByTestId('rotation-panel').waitFor({ state: 'detached' });
    await keys().press('Shift+Digit1');
    await enter(desk.page, act('bind-rotation'));
    await keys().press('Space');
    await showsPoints(hall, [2]);
    await showsPoints(hall, [3]);
  });

  it('carries a presentation with its sound', async () => {
    await bringSlides(second.page.context());
    await second.page.reload();
    await second.connected();
    await second.choose('share-ask');
    const request = `[data-testid="request"][data-point="${id(2)}"] [data-item]`;
    await enter(desk.page, request);
    await keys().press('KeyI');
    await keys().press('Shift+Digit8');
    await keys().press('Space');
    await second.choose('share-start');
    const slides = async (p: Person) => (await p.sees())[0]?.mark;
    for (const p of [hall, third]) {
      const first = await until(`slides at ${p.name}`, async () => {
        const mark = await slides(p);
        return mark?.room === SLIDES && mark;
      });
      await until(`the slides of ${p.name} to move`, async () => (await slides(p))?.frame !== first.frame);
    }
    for (const p of [hall, third]) await hearsOnly(p, []); // nobody switched the sound on
    await second.choose('sound-on');
    for (const p of [hall, third]) {
      await until(`the slides to be heard at ${p.name}`, async () => {
        const { tones } = await listen(p.page, [SLIDES_HZ]);
        return (tones[0] ?? 0) > 0.01;
      });
    }
    await keys().press('Shift+KeyM'); // all microphones, this one too; the picture stays
    for (const p of [hall, third]) await hearsOnly(p, []);
    for (const p of [hall, third])
      await until(`the slides to stay at ${p.name}`, async () => (await slides(p))?.room === SLIDES);
    await second.choose('share-stop');
  });

  it('gives a point of the queue a minute', async () => {
    await choose(desk.page, act('limit'), '1');
    await choose(desk.page, '.mics select:not([data-act])', 'close');
    await second.ask();
    await chair.reads(name(2));
    await chair.press(/Mời điểm cầu tiếp theo/);
    await speaks(second);
  });

  it('closes its microphone when the minute is over, while another point is lost', async () => {
    const disk = await third.page.context().storageState();
    await third.page.context().browser()?.close();
    await desk.page.locator(`[data-testid="incident"][data-point="${id(3)}"]`).waitFor({ timeout: 120_000 });
    await second.reads(/HẾT LƯỢT PHÁT BIỂU|MICRO TẮT/);
    await hearsOnly(hall, []);

    await enter(desk.page, `[data-testid="incident"][data-point="${id(3)}"] ${act('describe')}`);
    const fields = { cause: 'Mất điện lưới', remedy: 'Chạy máy nổ', minutes: '15' };
    for (const [field, words] of Object.entries(fields)) {
      await tabTo(desk.page, `[data-testid="incident-form"] [name=${field}]`);
      await keys().insertText(words);
    }
    await keys().press('Enter');
    await desk.page.getByTestId('incident').getByText('Mất điện lưới').waitFor();

    const again = await launch(cleanup, { capture: captureOf(3), viewport: { width: 960, height: 540 }, disk });
    third = new Room(3, await again.newPage());
    await third.page.goto(`${bridge.url}/room`);
    await third.connected();
    await desk.page.getByTestId('incident').getByText('đã khắc phục').waitFor();
    await third.reads('MICRO TẮT');
  });

  it('was led by keys alone at the console, touched alone at the tablet, and by a remote’s keys in the rooms', async () => {
    const remote = ['ArrowDown', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'Enter', 'Escape'];
    for (const p of [hall, second, third]) expect(remote, p.name).toEqual(expect.arrayContaining(await p.worked()));
    expect((await desk.worked()).filter((what) => /mouse|touch|pen/.test(what))).toEqual([]);
    expect(await chair.worked()).toEqual(['touch']);
  });

  it('ends in order: closing checks, release, end', async () => {
    await enter(desk.page, act('meeting'));
    await enter(desk.page, act('meeting-closing'));
    const closing = desk.page.getByTestId('closing');
    for (const [i, room] of [hall, second, third].entries()) {
      await desk.page.locator(`[data-testid="closing"][data-waits="${3 - i}"]`).waitFor();
      await room.reads('Camera, loa còn hoạt động tốt?');
      await room.page.keyboard.press('Enter');
    }
    await closing.getByText('3/3').waitFor();
    await hold(desk.page, act('release-all'), async () => !(await closing.isVisible()));
    for (const room of [hall, second, third]) {
      await room.page.locator('.closing li[data-done]').filter({ hasText: 'Cho phép ngắt kết nối' }).waitFor();
    }
    const over = desk.page.getByTestId('door').getByText('Cuộc họp đã kết thúc');
    await keys().down('Shift');
    await holding(desk.page, 'KeyE', 'the end', () => over.isVisible());
    await keys().up('Shift');
    for (const p of [hall, second, third]) await p.reads('Cuộc họp đã kết thúc.');
  });

  it('gives minutes as tables and as a page that say the same', async () => {
    for (const table of ['attendance', 'speakers', 'rollcall', 'incidents', 'acts']) {
      minutes[table] = ofCSV(await download(`${table}.csv`));
    }
    expect(
      (await download('minutes.xlsx')).toString('latin1', 0, 4),
      'a workbook; its cells are checked where it is made',
    ).toBe('PK\x03\x04');
    const page = await office.newPage();
    const printed = await ofPage(page, await download('minutes.html'));
    await page.close();
    expect(printed).toEqual(minutes);
    log = (await download('log.jsonl')).toString();
  });

  it('has in its minutes what was done', () => {
    const present = (minutes.attendance ?? []).filter((r) => r[3] !== '');
    expect(minutes.attendance).toHaveLength(22);
    expect(present.map((r) => [r[0], r[6], r[7]])).toEqual([
      ['1', '1', '0'],
      ['2', '1', '1'], // the machine that was loaded again
      ['3', '2', '1'],
    ]);
    const [incident, ...more] = minutes.incidents ?? [];
    expect(more).toEqual([]);
    expect([incident?.[0], incident?.[4], incident?.[5]]).toEqual([name(3), 'Mất điện lưới', 'Chạy máy nổ']);
    const away = seconds(incident?.[3]);
    expect(away, 'an incident is over a minute old').toBeGreaterThanOrEqual(60);
    expect(Math.abs(moment(incident?.[2]) - moment(incident?.[1]) - away)).toBeLessThanOrEqual(1);
    const [from = 0, to = 0] = [moment(present[2]?.[3]), moment(present[2]?.[4])];
    expect(Math.abs(to - from - away - seconds(present[2]?.[5])), 'joins, less the loss').toBeLessThanOrEqual(2);

    const speakers = minutes.speakers ?? [];
    expect(speakers.map((r) => [r[1], r[2], r[3], r[7], r[9]])).toEqual([
      [name(2), 'Ông Sùng', 'Ngân sách', '5', 'Mời người tiếp theo'],
      [name(3), 'Bà Lý', 'Giao thông', '0', 'Mời người tiếp theo'],
      [name(2), 'Bà Mai', 'Biên giới', '7', 'Ngắt micro'],
      [name(2), '', '', '1', 'Hết thời gian'],
    ]);
    for (const r of speakers) {
      const [invited, opened, ended] = [moment(r[0]), moment(r[4]), moment(r[5])];
      expect([invited <= opened, opened <= ended]).toEqual([true, true]);
      expect(Math.abs(ended - opened - seconds(r[6]))).toBeLessThanOrEqual(1);
    }
    expect(moment(speakers[3]?.[5]) - moment(speakers[3]?.[0]), 'a minute from the invitation').toBe(60);

    const roll = (minutes.rollcall ?? []).map((r) => [r[1], r[2], r[3]]);
    expect(roll).toEqual([
      [name(1), 'Có mặt', ''],
      [name(2), 'Có mặt', ''],
      [name(3), 'Có mặt', ''],
      [name(4), 'Vắng', 'Mất điện, chưa có máy nổ'],
    ]);
    process.stdout.write(`${JSON.stringify({ present, speakers, incident, roll, acts: minutes.acts?.length })}\n`);
  });

  it('folds to the same state on a server that never saw it', async () => {
    await bridge.stop();
    const other = mkdtempSync(join(tmpdir(), 'giaoban-other-'));
    cleanup.add(() => rmSync(other, { recursive: true, force: true }));
    const file = join(other, 'downloaded.jsonl');
    await giaoban('export', `--data=${bridge.data}`, meeting, file);
    expect(readFileSync(file, 'utf8'), 'what the screen gave is what the command gives').toBe(log);
    const imported = await giaoban('import', `--data=${other}`, file);
    const [here, there] = [bridge.data, other].map((data) => giaoban('export', `--data=${data}`, meeting));
    const states = [await here, await there];
    expect(states[1]).toEqual(states[0]);
    expect(imported.err.replace('imported', 'exported')).toBe(states[0]?.err);
    process.stdout.write(String(imported.err));
    for (const format of ['html', 'csv']) {
      const of = (data: string) => giaoban('minutes', `--data=${data}`, `--format=${format}`, meeting);
      expect(await of(other)).toEqual(await of(bridge.data));
    }
  });
});
