import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { open } from '../link/fake';
import { at, drawn, say, sent, serious, setStage, show, ticket } from '../page/stage';
import type { MeetingView, OwnView, View } from '../wire';
import { judge as judgeEcho } from './echo';
import { judge as judgeLine } from './line';
import { RoomScreen } from './RoomScreen';
import { Room } from './room';
import { leftOf } from './stage';

const own = (more: Partial<OwnView> = {}): OwnView => ({
  point: 'hg-03',
  name: 'UBND huyện Xín Mần',
  presence: 'present',
  mic: 'off',
  content: 'off',
  mayAsk: true,
  mayShow: true,
  ...more,
});
const meeting = (more: Partial<MeetingView>): MeetingView => ({ ...(open.meeting as MeetingView), ...more });
const picture: View['picture'] = { layout: '1', tiles: [{ source: 'hg-01/camera', name: 'UBND tỉnh', mic: 'off' }] };
const support = { name: 'Hoàng Thị Hạnh', phone: '0219 000 0101' };

let room: Room;
const enter = (v: View, welcome: object = {}) =>
  show(<RoomScreen room={room} />, { you: { role: 'room', point: 'hg-03' }, ...welcome }, v);
const waiting = () => at('[data-testid="waiting"]');

beforeEach(() => {
  setStage();
  room = new Room(ticket);
});
afterEach(() => {
  room.page.link.close();
  vi.unstubAllGlobals();
});

describe('before a meeting', () => {
  const lobby = {
    meeting: meeting({ phase: 'lobby', startsAtMs: Date.now() + 3_600_000 }),
    own: own({ support }),
    picture,
  };

  it('counts down in the lobby, with whom to call and what was checked', { timeout: 30_000 }, async () => {
    await enter(lobby);
    expect(waiting().textContent).toContain('Giao ban');
    expect(waiting().textContent).toContain('0219 000 0101');
    expect(at('[data-testid="checks"]').textContent).toContain('chưa kiểm tra');
    expect(await serious()).toEqual([]);
  });

  it('shows the picture when the meeting opens', async () => {
    await enter(lobby);
    await say({ t: 'patch', seq: 2, d: { meeting: meeting({ phase: 'open' }) } });
    expect(at('[data-testid="room"]').dataset.view).toBe('meeting');
  });

  it('says what the check of the point came to', async () => {
    const checked = { check: { camera: 'good', line: 'weak', upKbps: 900 } as const, atMs: 1, by: 'room' as const };
    await enter({ ...lobby, own: own({ checked }) });
    expect(at('[data-part="camera"]').dataset.verdict).toBe('good');
    expect(at('[data-part="line"]').textContent).toContain('Yếu');
    expect(at('[data-testid="checks"]').textContent).toContain('lên 900');
  });

  it('leads through the check with OK and Back, and hands it in', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError()));
    await enter(lobby);
    room.press('ok');
    await vi.waitFor(() => expect(at('[data-testid="checks"]').dataset.at).toBe('speaker'));
    expect(at('[data-part="camera"]').dataset.verdict).toBe('bad');
    room.press('ok');
    await vi.waitFor(() => expect(at('[data-testid="checks"]').dataset.at).toBe('power'));
    room.press('back');
    await vi.waitFor(() => expect(sent('point.check')).toBeDefined());
    const check = { camera: 'bad', microphone: 'bad', speaker: 'good', echo: 'bad', line: 'bad', power: 'bad' };
    expect(sent('point.check')).toEqual({ check });
  });
});

describe('after a meeting', () => {
  it('lights the line that OK answers, and ticks it when the server has it', { timeout: 30_000 }, async () => {
    await enter({ meeting: meeting({ phase: 'closing' }), own: own({ support }), picture });
    expect(at('.closing .lit').textContent).toContain('Camera, loa');
    room.press('ok');
    expect(sent('point.finish')).toEqual({});
    await say({ t: 'patch', seq: 2, d: { own: own({ finished: true, mayLeave: true }) } });
    expect(document.querySelectorAll('.closing [data-done]')).toHaveLength(3);
    expect(await serious()).toEqual([]);
  });
});

describe('the time limit', () => {
  it('warns at thirty seconds and counts the last three of a turn that closes', () => {
    const left = (seconds: number, closes = true) => leftOf('on', 100_000, closes, 100_000 - seconds * 1000);
    expect(left(31)).toEqual({ kind: 'none' });
    expect(left(30)).toEqual({ kind: 'warn', seconds: 30 });
    expect(left(3)).toEqual({ kind: 'count', seconds: 3 });
    expect(left(3, false)).toEqual({ kind: 'warn', seconds: 3 });
    expect(left(-1, false)).toEqual({ kind: 'over' });
    expect(left(-1)).toEqual({ kind: 'none' });
    expect(leftOf('invited', 100_000, true, 99_000)).toEqual({ kind: 'none' });
    expect(leftOf('on', undefined, false, 0)).toEqual({ kind: 'none' });
  });

  it('is read from the plate, and hatches the ring at its end', async () => {
    const speaking = (endsInMs: number) => own({ mic: 'on', endsAtMs: Date.now() + endsInMs, closes: true });
    await enter({ ...open, own: speaking(20_000), picture }, { nowMs: Date.now() });
    await say({ t: 'gate', d: { source: 'hg-03/microphone', open: true, seq: 2 } });
    expect(at('[data-testid="mic-plate"]').textContent).toMatch(/ĐANG PHÁT BIỂU.*Còn (19|20|21) giây/);
    await say({ t: 'patch', seq: 2, d: { own: speaking(2000) } });
    expect(at('[data-testid="mic-plate"]').textContent).toMatch(/^Còn[123]giây$/);
    expect(at('[data-testid="ring"]').className).toContain('ending');
  });
});

describe('during a meeting', () => {
  it('shows the banner until it is over', async () => {
    const banners = [{ audience: 'all', text: 'Nghỉ giải lao 10 phút' }];
    await enter({ ...open, own: own(), picture, banners }, { nowMs: Date.now() });
    expect(at('[data-testid="banner"]').textContent).toBe('Nghỉ giải lao 10 phút');
    await say({ t: 'patch', seq: 2, d: { banners: [{ audience: 'all', text: 'cũ', untilMs: 1 }] } });
    expect(document.querySelector('[data-testid="banner"]')).toBeNull();
  });

  it('calls the technician in two presses and a line', async () => {
    await enter({ ...open, own: own(), picture });
    room.run('help');
    await drawn();
    room.press('down');
    room.press('ok');
    expect(sent('message.send')).toEqual({ text: 'Điểm cầu không nghe được tiếng' });
    expect(room.panel.open.value).toBe(false);
  });

  it('names whom to call when its line is lost', async () => {
    await enter({ ...open, own: own({ support }), picture });
    room.page.downSince.value = Date.now();
    await drawn();
    expect(at('[data-testid="lost"]').textContent).toContain('Hoàng Thị Hạnh, 0219 000 0101');
  });

  it('says that its server has lost the one above, until it is back', async () => {
    await enter({ ...open, own: own(), picture });
    await say({ t: 'patch', seq: 2, d: { meeting: { ...open.meeting, above: 'Tỉnh Hà Giang' } } });
    expect(at('[data-testid="lost"]').textContent).toContain('Tạm gián đoạn kết nối với Tỉnh Hà Giang.');
    await say({ t: 'patch', seq: 2, d: { meeting: open.meeting } });
    expect(document.querySelector('[data-testid="lost"]')).toBeNull();
  });

  it('says that the clock of the machine is wrong, and by how much', async () => {
    await enter({ ...open, own: own(), picture }, { nowMs: Date.now() - 3_600_000 });
    room.capture.trouble.value = null;
    await drawn();
    expect(at('[data-testid="notice"]').textContent).toContain('chạy nhanh 60 phút');
  });
});

describe('the settings', () => {
  const reach = async (answer: number, pin = true) => {
    vi.stubGlobal('fetch', async () => ({ ok: answer === 204 }));
    await enter({ ...open, own: own(), picture }, { pin });
    room.panel.raise();
    room.press('up');
    room.press('ok');
    await drawn();
  };
  const wait = () => vi.waitFor(() => expect(room.dialog.value || room.panel.wrong.value).toBe(true));

  it('open to the right PIN, typed with arrows', async () => {
    await reach(204);
    expect(at('[data-focus]').textContent).toBe('5');
    room.press('left');
    room.press('ok');
    expect(room.panel.pin.value).toBe('4');
    for (const key of ['down', 'down', 'right', 'right'] as const) room.press(key);
    room.press('ok');
    await wait();
    expect(room.dialog.value).toBe(true);
  });

  it('stay shut to a wrong one', async () => {
    await reach(403);
    room.panel.type('1');
    room.panel.type('OK');
    await wait();
    expect([room.dialog.value, room.panel.pin.value]).toEqual([false, '']);
  });

  it('open at once where the operator has set no PIN', async () => {
    await reach(403, false);
    expect(room.dialog.value).toBe(true);
  });
});

describe('verdicts', () => {
  it('of a line go by what a meeting takes', () => {
    expect([judgeLine(2000, 4000, 40), judgeLine(400, 4000, 40), judgeLine(100, 4000, 40)]).toEqual([
      'good',
      'weak',
      'bad',
    ]);
    expect([judgeLine(2000, 600, 40), judgeLine(2000, 4000, 700)]).toEqual(['weak', 'weak']);
  });
  it('of echo go by how loud the tone comes back', () => {
    expect([0, 11, 13, 30].map(judgeEcho)).toEqual(['good', 'good', 'weak', 'bad']);
  });
});
