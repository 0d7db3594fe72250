import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSocket, open } from '../link/fake';
import { at, drawn, row, say, sent, serious, setStage, show, ticket } from '../page/stage';
import type { View } from '../wire';
import { ConsoleScreen } from './ConsoleScreen';
import { Desk } from './desk';
import { pressed } from './keys';

const view: View = {
  ...open,
  roster: Object.fromEntries(
    [
      row(1, { name: 'UBND tỉnh', chair: true }),
      row(2, { name: 'UBND huyện Đồng Văn', mic: 'asked', place: 1 }),
      row(3, { name: 'UBND huyện Mèo Vạc', mic: 'on' }),
      row(4, { name: 'UBND huyện Yên Minh', presence: 'lost' }),
    ].map((r) => [r.id, r]),
  ),
  floor: {
    mode: 'one-by-one',
    atZero: 'warn',
    limit: 1,
    requests: [
      { point: 'hg-02', floor: 'speech', state: 'pending', mic: 'asked', askedAtMs: 0 },
      { point: 'hg-03', floor: 'speech', state: 'granted', mic: 'on', askedAtMs: 0, grantedAtMs: 5, byDirection: true },
    ],
  },
  picture: { layout: '1', tiles: [{ source: 'hg-03/camera', name: 'UBND huyện Mèo Vạc', mic: 'on' }] },
  slots: { video: ['hg-03/camera'], voices: [] },
  layouts: { all: { layout: { kind: '1', tiles: [{ kind: 'speaker' }] }, seq: 1 } },
};

let desk: Desk;

const press = (code: string, init: KeyboardEventInit = {}) =>
  pressed(new KeyboardEvent('keydown', { code, ...init }), desk);
const points = () =>
  [...document.querySelectorAll<HTMLElement>('.rows:not(.districts) [data-testid="row"]')].map((r) => r.dataset.point);

beforeEach(async () => {
  setStage();
  desk = new Desk(ticket);
  await show(<ConsoleScreen desk={desk} />, { you: { role: 'controller', name: 'Hoàng Thị Hạnh' } }, view);
});
afterEach(() => {
  desk.page.link.close();
  vi.unstubAllGlobals();
});

it('shows the sound of a presentation as an open microphone, and its picture as none', async () => {
  const shows = (soundOff: boolean) => ({
    ...view.floor,
    requests: [{ point: 'hg-02', floor: 'content', state: 'granted', mic: 'on', askedAtMs: 0, soundOff }],
  });
  const held = () => at('[data-testid="held"]');
  await say({ t: 'patch', seq: 2, d: { floor: shows(true) } });
  expect(held().className).not.toContain('is-air');
  expect(at('.mics .n').textContent).toBe('');
  await say({ t: 'patch', seq: 3, d: { floor: shows(false) } });
  expect(held().className).toContain('is-air');
  expect(held().textContent).toContain('âm thanh trình chiếu đang mở');
  expect(at('.mics .n').textContent).toBe('1');
});

describe('the points', () => {
  it('that need a person come first, and by number when asked', async () => {
    expect(points()).toEqual(['hg-04']);
    press('KeyW');
    await drawn();
    expect(points()).toEqual(['hg-01', 'hg-02', 'hg-03', 'hg-04']);
  });

  it('are filtered, the worst first', async () => {
    at('[data-act="only-air"]').click();
    await drawn();
    expect(points()).toEqual(['hg-03']);
    at('[data-act="only-all"]').click();
    desk.query.value = 'huyen';
    await drawn();
    expect(points()).toEqual(['hg-04', 'hg-02', 'hg-03']);
  });

  it('are found without marks', async () => {
    desk.query.value = 'dong van';
    await drawn();
    expect(points()).toEqual(['hg-02']);
  });

  it('say their state in a word', () => {
    expect(at('[data-point="hg-02"][data-testid="row"]').textContent).toContain('Đã đăng ký · thứ 1');
    expect(at('[data-point="hg-03"][data-testid="row"]').textContent).toContain('Đang phát biểu');
    expect(at('[data-point="hg-04"][data-testid="row"]').textContent).toContain('Mất kết nối');
  });
});

describe('a relay source', () => {
  const feed = row(5, { name: 'Điểm cầu Trung ương', feed: true });

  it('is opened by an order that is written down, and never invited', async () => {
    await say({ t: 'patch', seq: 2, d: { roster: { 'hg-05': feed } } });
    desk.floor.choose('hg-05');
    await drawn();
    expect(document.querySelector('[data-testid="chosen"] [data-act="give"]')).toBeNull();
    const form = at('[data-testid="feed-form"]') as HTMLFormElement;
    (form.elements.namedItem('who') as HTMLInputElement).value = ' Bí thư Tỉnh ủy ';
    (form.elements.namedItem('document') as HTMLInputElement).value = '123-CV/VPTU';
    form.requestSubmit();
    expect(sent('feed.open')).toEqual({ point: 'hg-05', who: 'Bí thư Tỉnh ủy', document: '123-CV/VPTU' });
  });

  it('stands among the microphones with its order, and is cut there', async () => {
    const heard = { point: 'hg-05', who: 'Bí thư Tỉnh ủy', document: '123-CV/VPTU', openedAtMs: 5 };
    await say({ t: 'patch', seq: 2, d: { roster: { 'hg-05': feed }, floor: { ...view.floor, feed: heard } } });
    expect(at('[data-testid="feed"]').textContent).toContain('Bí thư Tỉnh ủy · 123-CV/VPTU');
    at('[data-testid="feed"] [data-act="feed-close"]').click();
    expect(sent('feed.close')).toEqual({ point: 'hg-05' });
  });
});

describe('the speaking order', () => {
  it('is previewed with what does not read, and taken whole', async () => {
    desk.panel.value = 'order';
    await drawn();
    const field = at('[data-field="order"]') as HTMLTextAreaElement;
    const paste = async (text: string) => {
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      await drawn();
    };
    await paste('2\tÔng Sùng\tsửa kè\t5\n77\n3\t\t\t999');
    const faults = [...document.querySelectorAll('[data-testid="order-fault"]')].map((li) => li.textContent);
    expect(faults).toEqual(['Dòng 2: không có điểm cầu "77".', 'Dòng 3: số phút phải từ 1 đến 180.']);
    expect(at('[data-testid="order-preview"]').textContent).toContain('UBND huyện Đồng Văn Ông Sùng · sửa kè');
    expect((at('[data-act="save-order"]') as HTMLButtonElement).disabled).toBe(true);
    await paste('2\tÔng Sùng\tsửa kè\t5\n3');
    at('[data-act="save-order"]').click();
    expect(sent('programme.set')).toEqual({
      entries: [{ point: 'hg-02', delegate: 'Ông Sùng', subject: 'sửa kè', minutes: 5 }, { point: 'hg-03' }],
    });
  });

  it('is taken from a file', async () => {
    desk.panel.value = 'order';
    await drawn();
    const field = at('[data-field="order-file"]') as HTMLInputElement;
    const file = new File(['2,Ông Sùng,"kè, đường",5\n'], 'thu-tu.csv');
    Object.defineProperty(field, 'files', { value: [file] });
    field.dispatchEvent(new Event('change', { bubbles: true }));
    await vi.waitFor(() => expect(at('[data-testid="order-preview"]').textContent).toContain('kè, đường'));
  });
});

describe('the queue', () => {
  it('acts on the oldest request when nothing is chosen', () => {
    press('KeyI');
    expect(sent('floor.grant')).toEqual({ floor: 'speech', point: 'hg-02' });
    press('KeyF');
    expect(sent('floor.give')).toEqual({ point: 'hg-02' });
    press('Delete');
    expect(sent('floor.deny')).toEqual({ floor: 'speech', point: 'hg-02' });
  });

  it('has the same acts as keys on the screen', async () => {
    at('[data-testid="request"] [data-act="grant"]').click();
    expect(sent('floor.grant')).toEqual({ floor: 'speech', point: 'hg-02' });
    at('[data-testid="held"] [data-act="revoke"]').click();
    expect(sent('floor.revoke')).toEqual({ floor: 'speech', point: 'hg-03' });
  });

  it('invites a point that has not asked', async () => {
    at('[data-testid="row"][data-point="hg-01"]').click();
    await drawn();
    at('[data-testid="chosen"] [data-act="grant"]').click();
    expect(sent('floor.grant')).toEqual({ floor: 'speech', point: 'hg-01' });
  });

  it('cuts what is open in one press, and everything in one more', () => {
    press('KeyM');
    expect(sent('floor.revoke')).toEqual({ floor: 'speech', point: 'hg-03' });
    press('KeyM', { shiftKey: true });
    expect(sent('floor.closeAll')).toEqual({});
  });

  it('says why a command was refused', async () => {
    press('KeyI');
    await say({ t: 'error', re: FakeSocket.last.found('floor.grant')?.id, d: { code: 'point.absent' } });
    expect(at('[data-testid="notice"]').textContent).toBe('Điểm cầu này chưa kết nối.');
  });
});

describe('preview and take', () => {
  it('shows nobody anything before it is taken', async () => {
    press('Digit2', { shiftKey: true });
    for (const key of ['Digit2', 'Enter', 'Digit4', 'Enter']) press(key);
    expect(sent('layout.set')).toBeUndefined();
    press('Space');
    expect(sent('layout.set')).toEqual({
      audience: 'all',
      layout: {
        kind: '1+1',
        tiles: [
          { kind: 'point', point: 'hg-02' },
          { kind: 'point', point: 'hg-04' },
        ],
      },
    });
  });

  it('is lit only while preview and program differ', async () => {
    const take = () => at('[data-act="take"]').hasAttribute('disabled');
    expect(take()).toBe(true);
    press('Digit2', { shiftKey: true });
    await drawn();
    expect(take()).toBe(false);
    press('KeyZ', { ctrlKey: true });
    await drawn();
    expect(take()).toBe(true);
  });

  it('asks to see what the meeting does not bring', () => {
    press('Digit2');
    press('Enter');
    expect(sent('media.watch')).toEqual({ points: ['hg-02'] });
  });

  it('refuses a number nobody has, and binds the speaker for 0', async () => {
    press('Digit9');
    press('Enter');
    await drawn();
    expect(at('[data-testid="notice"]').textContent).toContain('9');
    press('Digit2');
    press('Enter');
    press('Digit0');
    press('Enter');
    expect(desk.mixer.preview.value.tiles).toEqual([{ kind: 'speaker' }]);
  });

  it('follows the program until it is touched', async () => {
    const layouts = { all: { layout: { kind: '1' as const, tiles: [{ kind: 'chair' as const }] }, seq: 2 } };
    await say({ t: 'patch', seq: 2, d: { layouts } });
    expect(desk.mixer.preview.value.tiles).toEqual([{ kind: 'chair' }]);
    press('Digit2');
    press('Enter');
    await say({ t: 'patch', seq: 3, d: { layouts: view.layouts } });
    expect(desk.mixer.preview.value.tiles).toEqual([{ kind: 'point', point: 'hg-02' }]);
  });

  it('sets another audience apart', () => {
    desk.mixer.look('chair');
    press('Digit2');
    press('Enter');
    press('Space');
    expect(sent('layout.set')).toMatchObject({ audience: 'chair' });
  });
});

describe('the keyboard', () => {
  it('leaves text fields, composition and held keys alone', () => {
    expect(press('KeyM', { repeat: true })).toBe(false);
    expect(press('KeyM', { isComposing: true })).toBe(false);
    const search = at('[data-testid="search"]');
    const event = new KeyboardEvent('keydown', { code: 'KeyM', bubbles: true });
    search.dispatchEvent(event);
    expect(pressed(event, desk)).toBe(false);
    expect(sent('floor.revoke')).toBeUndefined();
  });

  it('opens the rotation, for which a small screen has no room', async () => {
    press('KeyP', { shiftKey: true });
    await drawn();
    at('dialog [data-act="rotation-all"]').click();
    expect(sent('rotation.set')).toEqual({ points: ['hg-02', 'hg-03'], seconds: 10 });
    expect(press('KeyG'), 'nothing acts on the meeting behind it').toBe(false);
    press('Escape');
    await drawn();
    expect(document.querySelector('dialog')).toBeNull();
  });

  it('leaves the browser its own keys', () => {
    expect(press('KeyR', { ctrlKey: true })).toBe(false);
    expect(press('F5')).toBe(false);
  });
});

describe('a second device', () => {
  it('comes in by two presses of a person', async () => {
    await say({ t: 'patch', seq: 2, d: { roster: { 'hg-02': row(2, { asking: true }) } } });
    const allow = () => at('[data-act="allow"]').click();
    allow();
    expect(sent('point.allowTakeover')).toBeUndefined();
    await drawn();
    allow();
    expect(sent('point.allowTakeover')).toEqual({ point: 'hg-02' });
  });
});

describe('for everyone', () => {
  it('has nothing axe calls serious', async () => {
    at('[data-testid="row"][data-point="hg-03"]').click();
    await drawn();
    expect(await serious()).toEqual([]);
  }, 30_000);
});
