import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { at, drawn, serious } from '../page/stage';
import type { ConsentRow, PointRow, SystemRow } from '../wire';
import { Api } from './api';
import { Desk } from './desk';
import { OperatorScreen } from './OperatorScreen';

const officer = (name: string) => ({ name, phone: '0219', trained: true, active: true });
const points: PointRow[] = [
  {
    id: 'hg-03',
    number: 3,
    code: '00694',
    name: 'Huyện ủy Đồng Văn',
    system: 'tinh',
    officers: [officer('Lò A')],
    short: true,
  },
  {
    id: 'hg-20',
    number: 20,
    code: '',
    name: 'UBND xã Tả Lủng',
    system: 'huyen',
    officers: [officer('Vàng B'), officer('Sùng C')],
  },
];
const systems = [
  { id: 'tinh', name: 'Hệ thống tỉnh' },
  { id: 'huyen', name: 'Hệ thống Mèo Vạc' },
] as SystemRow[];

let asked: { method: string; path: string; body: unknown }[];
let consents: ConsentRow[];
let desk: Desk;

/** The server: what it has, and what it was asked. */
const serve = async (url: string, { method, body }: RequestInit) => {
  const path = url.replace('/api/v1/', '');
  if (method !== 'GET') asked.push({ method: method ?? '', path, body: body && JSON.parse(String(body)) });
  const has: Record<string, unknown> = {
    links: [],
    templates: [],
    schedule: [],
    meetings: [],
    points,
    systems,
    consents,
    session: { name: 'van', holds: [] },
  };
  return new Response(JSON.stringify(has[path] ?? {}), { status: 200 });
};

const type = (field: HTMLElement, value: string) => {
  (field as HTMLInputElement).value = value;
  field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
  field.dispatchEvent(new Event('input', { bubbles: true }));
};

/** typeDate types into a field of dates, as one goes on from part to part without a key between. */
const typeDate = async (name: string, ...digits: string[]) => {
  (at(`[data-testid="date-${name}"] [role="spinbutton"]`) as HTMLElement).focus();
  for (const data of digits.join('')) {
    const to = document.activeElement as HTMLElement;
    to.dispatchEvent(new InputEvent('beforeinput', { data, inputType: 'insertText', bubbles: true, cancelable: true }));
    await drawn();
  }
};

beforeEach(async () => {
  asked = [];
  consents = [];
  vi.stubGlobal('fetch', serve);
  render(null, document.body);
  desk = new Desk(new Api('T'));
  render(<OperatorScreen desk={desk} />, document.body);
  await desk.open();
  desk.part.value = 'points';
  await drawn();
});
afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
});

describe('a point', () => {
  it('is marked while fewer than two officers are trained, and given a second', async () => {
    expect(at('tbody tr').textContent).toContain('Chưa đủ hai cán bộ');
    at('[data-act="edit"]').click();
    await drawn();
    expect(at('[data-testid="officers"]').textContent).toContain('Chưa đủ hai cán bộ');
    at('[data-act="add-officer"]').click();
    await drawn();
    const [name, phone] = document.querySelectorAll<HTMLInputElement>(
      '[data-testid="officers"] .op-bar:last-of-type input',
    );
    if (!name || !phone) throw new Error('there is no second officer');
    type(name, 'Giàng Thị D');
    type(phone, '0915');
    await drawn();
    at('[data-testid="officers"] .op-bar:last-of-type input[type="checkbox"]').click();
    await drawn();
    expect(at('[data-testid="officers"]').textContent).not.toContain('Chưa đủ hai cán bộ');
    (at('[data-testid="point-editor"] form') as HTMLFormElement).requestSubmit();
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked[0]).toMatchObject({ method: 'PUT', path: 'points/hg-03' });
    expect(asked[0]?.body).toEqual({
      id: 'hg-03',
      number: 3,
      code: '00694',
      name: 'Huyện ủy Đồng Văn',
      system: 'tinh',
      officers: [officer('Lò A'), { name: 'Giàng Thị D', phone: '0915', trained: true, active: true }],
    });
    await vi.waitFor(() => expect(document.querySelector('[data-testid="point-editor"]')).toBeNull());
  });

  it('that is new has the next free number, and can be a relay source', async () => {
    at('[data-act="new-point"]').click();
    await drawn();
    type(at('[name="id"]'), 'tw-01');
    type(at('[name="name"]'), 'Điểm cầu Trung ương');
    type(at('[name="kind"]'), 'relay');
    await drawn();
    (at('[data-testid="point-editor"] form') as HTMLFormElement).requestSubmit();
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked[0]?.body).toMatchObject({
      id: 'tw-01',
      number: 21,
      name: 'Điểm cầu Trung ương',
      kind: 'relay',
      officers: [],
    });
  });
});

describe('a consent', () => {
  it('is recorded with who, document and date, for another system than the point’s own', async () => {
    desk.part.value = 'consents';
    await drawn();
    type(at('[name="point"]'), 'hg-03');
    await drawn();
    const offered = [...document.querySelectorAll('[name="system"] option')].map((o) => (o as HTMLOptionElement).value);
    expect(offered).toEqual(['', 'huyen']);
    type(at('[name="system"]'), 'huyen');
    type(at('[name="by"]'), 'Sở TT&TT');
    type(at('[name="document"]'), '12/STTTT');
    await typeDate('date', '20', '11', '2026');
    await drawn();
    (at('[data-testid="consent-form"]') as HTMLFormElement).requestSubmit();
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked[0]).toMatchObject({ method: 'POST', path: 'consents' });
    expect(asked[0]?.body).toMatchObject({
      point: 'hg-03',
      system: 'huyen',
      by: 'Sở TT&TT',
      document: '12/STTTT',
      decision: 'granted',
      date: '2026-11-20',
    });
  });
});

describe('a date', () => {
  const parts = (name: string) =>
    [...document.querySelectorAll<HTMLElement>(`[data-testid="date-${name}"] [role="spinbutton"]`)].map((s) => [
      s.getAttribute('aria-label'),
      s.textContent,
    ]);
  const value = (name: string) => (at(`[name="${name}"]`) as HTMLInputElement).value;

  it('is written day, month, year, hour in a browser that speaks American English', async () => {
    expect(navigator.language).toBe('en-US');
    desk.part.value = 'meetings';
    await drawn();
    await typeDate('startsAt', '09', '03', '2026', '07', '05');
    expect(parts('startsAt')).toEqual([
      ['Ngày', '09'],
      ['Tháng', '03'],
      ['Năm', '2026'],
      ['Giờ', '07'],
      ['Phút', '05'],
    ]);
    expect(value('startsAt')).toBe('2026-03-09T07:05');
    expect(at('[data-testid="date-startsAt"]').textContent).toContain('Thứ Hai');
  });

  it('of which a part is missing is not sent', async () => {
    desk.part.value = 'meetings';
    await drawn();
    const year = at('[data-testid="date-startsAt"] [aria-label="Năm"]');
    year.focus();
    await drawn();
    for (let digit = 0; digit < 4; digit++) {
      year.dispatchEvent(new KeyboardEvent('keydown', { key: 'Backspace', bubbles: true }));
      await drawn();
    }
    expect(value('startsAt')).toBe('');
    expect((at('[name="startsAt"]') as HTMLInputElement).required).toBe(true);
  });
});

describe('a link', () => {
  it('of a second display is for a point, and for the presentation alone', async () => {
    desk.part.value = 'links';
    await drawn();
    type(at('[name="role"]'), 'observer');
    await drawn();
    type(at('[name="where"]'), 'hg-20');
    type(at('[name="part"]'), 'content');
    await drawn();
    (at('[data-testid="new-link"]') as HTMLFormElement).requestSubmit();
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked[0]?.body).toEqual({ role: 'observer', point: 'hg-20', part: 'content' });
  });

  it('of a wall leaves out the sound of the point it stands in', async () => {
    desk.part.value = 'links';
    await drawn();
    type(at('[name="role"]'), 'observer');
    await drawn();
    type(at('[name="exclude"]'), 'hg-20');
    await drawn();
    (at('[data-testid="new-link"]') as HTMLFormElement).requestSubmit();
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked[0]?.body).toEqual({ role: 'observer', system: '', exclude: ['hg-20'] });
  });

  it('of a room is for a point, and has no part', async () => {
    desk.part.value = 'links';
    await drawn();
    expect(document.querySelector('[name="part"]')).toBeNull();
    type(at('[name="where"]'), 'hg-03');
    await drawn();
    (at('[data-testid="new-link"]') as HTMLFormElement).requestSubmit();
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    expect(asked[0]?.body).toEqual({ role: 'room', point: 'hg-03' });
  });
});

describe('the page', () => {
  it('has nothing axe calls serious in the editor and among consents', async () => {
    at('[data-act="edit"]').click();
    await drawn();
    expect(await serious()).toEqual([]);
    desk.part.value = 'consents';
    await drawn();
    expect(await serious()).toEqual([]);
  }, 30_000);
});
