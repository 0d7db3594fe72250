import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakePeer, open } from '../link/fake';
import { at, drawn, say, sent, serious, setStage, show, ticket } from '../page/stage';
import type { OwnView, View } from '../wire';
import './words';
import { FocalScreen } from './FocalScreen';
import { Focal, items, repairAt, tabs } from './focal';

const own = (more: Partial<OwnView> = {}): OwnView => ({
  point: 'hg-03',
  name: 'UBND xã Lũng Pù',
  presence: 'present',
  mic: 'off',
  content: 'off',
  mayAsk: true,
  mayShow: true,
  ...more,
});
const incident = { id: 9, point: 'hg-03', name: 'UBND xã Lũng Pù', openedAtMs: 1000 };
const messages: View['messages'] = {
  list: [
    { id: 3, atMs: 1, name: 'Hoàng Thị Hạnh', text: 'Đề nghị báo nguyên nhân.' },
    { id: 5, atMs: 2, from: 'hg-03', text: 'Đang chạy máy nổ.' },
  ],
  upTo: 0,
  desk: 4,
};

let focal: Focal;
const enter = (more: Partial<View> = {}) =>
  show(
    <FocalScreen focal={focal} />,
    { you: { role: 'focal', point: 'hg-03', name: 'Sùng Mí Lử' } },
    {
      ...open,
      own: own(),
      ...more,
    },
  );
const press = async (act: string) => {
  at(`[data-act="${act}"]`).click();
  await drawn();
};
const type = async (field: string, words: string) => {
  const input = at(`[data-testid="${field}"]`) as HTMLInputElement;
  input.value = words;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  await drawn();
};
const submit = async () => {
  at('form').dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
  await drawn();
};

beforeEach(() => {
  setStage();
  localStorage.clear();
  focal = new Focal(ticket);
});
afterEach(() => {
  focal.page.link.close();
  vi.unstubAllGlobals();
});

describe("the officer's telephone", () => {
  it('makes no media: it works while the room is dead', async () => {
    await enter({ own: own({ presence: 'lost' }) });
    expect(FakePeer.all).toHaveLength(0);
    expect(at('[data-testid="words"]').textContent).toContain('Mất tín hiệu');
  });

  it('signs when every item is ticked, and not before', async () => {
    await enter();
    await submit();
    expect(sent('point.check')).toBeUndefined();
    for (const item of items) await press(`tick-${item}`);
    await type('name', 'Sùng Mí Lử');
    await submit();
    expect(sent('point.check')).toMatchObject({ check: { signed: 'Sùng Mí Lử', power: 'good' } });
    await say({
      t: 'patch',
      seq: 2,
      d: { own: own({ checked: { check: { signed: 'Sùng Mí Lử' }, atMs: 1, by: 'focal' } }) },
    });
    expect(at('[data-testid="signed"]').textContent).toContain('Sùng Mí Lử ký lúc');
  });

  it('asks to speak with who and on what', async () => {
    await enter();
    await press('tab-speak');
    await type('delegate', 'Ông Sùng');
    await type('subject', 'Đường sá');
    await submit();
    expect(sent('floor.request')).toEqual({ floor: 'speech', delegate: 'Ông Sùng', subject: 'Đường sá' });
  });

  it('asks nothing where nothing may be asked', async () => {
    await enter({ own: own({ mayAsk: false }) });
    await press('tab-speak');
    await submit();
    expect(sent('floor.request')).toBeUndefined();
  });

  it('reads messages when they are on the screen, and answers', async () => {
    await enter({ messages });
    expect(at('[data-act="tab-messages"]').textContent).toContain('1');
    expect(sent('message.read')).toBeUndefined();
    await press('tab-messages');
    expect(sent('message.read')).toEqual({ upTo: 5 });
    expect(at('.talk .mine').textContent).toContain('đã gửi');
    await press('foc.say.call');
    expect(sent('message.send')).toEqual({ text: 'Đề nghị gọi lại' });
  });

  it('describes the incident, with the hour of repair in steps of five minutes', async () => {
    await enter({ own: own({ presence: 'absent' }), incidents: [incident] });
    await press('tab-incident');
    await press('cause-power');
    await type('remedy', 'Chạy máy nổ');
    await press('plus');
    await submit();
    expect(sent('incident.describe')).toEqual({ cause: 'Mất điện', remedy: 'Chạy máy nổ', minutes: 25 });
    expect(repairAt(0, 25)).toBe(25 * 60_000);
    expect(repairAt(61_000, 25)).toBe(30 * 60_000);
  });

  it('never says less than five minutes', async () => {
    for (let i = 0; i < 9; i++) focal.later(-1);
    expect(focal.minutes.value).toBe(5);
  });

  it('has a key for each number', async () => {
    await enter({ own: own({ support: { name: 'Hoàng Thị Hạnh', phone: '0219 000 0101' } }) });
    await press('tab-phones');
    expect(at('.people a').getAttribute('href')).toBe('tel:02190000101');
  });

  it('has nothing axe calls serious, on any page', { timeout: 30_000 }, async () => {
    await enter({ messages, incidents: [incident], own: own({ support: { name: 'Hạnh', phone: '0219' } }) });
    for (const tab of tabs) {
      await press(`tab-${tab}`);
      expect(await serious(), tab).toEqual([]);
    }
  });
});
