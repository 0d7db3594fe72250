import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSocket, open } from '../link/fake';
import { at, drawn, row, say, sent, serious, setStage, show, ticket } from '../page/stage';
import type { RequestView, RosterRow, View } from '../wire';
import { ChairScreen } from './ChairScreen';
import { Tablet } from './tablet';

const asks = (n: number): RequestView => ({
  point: row(n).id,
  floor: 'speech',
  state: 'pending',
  mic: 'asked',
  askedAtMs: n,
});
const holds: RequestView = {
  point: 'hg-03',
  floor: 'speech',
  state: 'granted',
  mic: 'on',
  askedAtMs: 0,
  grantedAtMs: 1,
};
const view = (requests: RequestView[], chair: Partial<RosterRow> = {}): View => ({
  ...open,
  roster: Object.fromEntries(
    [row(1, { chair: true, ...chair }), ...[2, 3, 4, 5, 6, 7].map((n) => row(n))].map((r) => [r.id, r]),
  ),
  floor: { mode: 'one-by-one', limit: 1, atZero: 'warn', requests },
});

let tablet: Tablet;
const enter = (v: View) => show(<ChairScreen tablet={tablet} />, { you: { role: 'chair', point: 'hg-01' } }, v);
const key = (act: string) => at(`.keys [data-act="${act}"]`) as HTMLButtonElement;

beforeEach(() => {
  setStage();
  tablet = new Tablet(ticket);
});
afterEach(() => {
  tablet.page.link.close();
  vi.unstubAllGlobals();
});

it('says since when the log cannot be written, until it can', async () => {
  await enter(view([holds]));
  const said = () => document.querySelector('[data-testid="unwritten"]')?.textContent ?? '';
  expect(said()).toBe('');
  const since = new Date(2026, 10, 26, 7, 31).getTime();
  await say({ t: 'patch', seq: 2, d: { meeting: { ...open.meeting, unwrittenSinceMs: since } } });
  expect(said()).toContain('Không ghi được nhật ký từ 07:31');
  expect(said()).toContain('Mọi micro đang tắt');
  await say({ t: 'patch', seq: 3, d: { meeting: open.meeting } });
  expect(said()).toBe('');
});

describe('the keys', () => {
  it('name whom they act on', async () => {
    await enter(view([asks(4), asks(5), holds]));
    expect(key('grant').textContent).toContain('UBND huyện 4');
    expect(key('revoke').textContent).toContain('UBND huyện 3');
    key('grant').click();
    expect(sent('floor.grant')).toEqual({ floor: 'speech', point: 'hg-04' });
    key('revoke').click();
    expect(sent('floor.revoke')).toEqual({ floor: 'speech', point: 'hg-03' });
    key('defer').click();
    expect(sent('floor.defer')).toEqual({ floor: 'speech', point: 'hg-04' });
    key('closeAll').click();
    expect(sent('floor.closeAll')).toEqual({});
  });

  it('follow the request the chair touches', async () => {
    await enter(view([asks(4), asks(5)]));
    at('[data-testid="request"][data-point="hg-05"]').click();
    await drawn();
    key('grant').click();
    expect(sent('floor.grant')).toEqual({ floor: 'speech', point: 'hg-05' });
  });

  it('go hollow when they can do nothing, and none goes away', async () => {
    await enter(view([]));
    expect(document.querySelectorAll('.keys .key')).toHaveLength(7);
    expect([key('grant').disabled, key('revoke').disabled, key('closeAll').disabled]).toEqual([true, true, false]);
  });

  it('switch the chair point on, off, and say that it is off after a restart', async () => {
    await enter(view([], { mic: 'off' }));
    key('mic-on').click();
    expect(sent('mic.on')).toEqual({ point: 'hg-01' });
    await say({ t: 'patch', seq: 2, d: { roster: { 'hg-01': row(1, { chair: true, mic: 'back' }) } } });
    expect(key('mic-on').textContent).toBe('Micro chủ tọa đang tắt — Bật');
    await say({ t: 'patch', seq: 3, d: { roster: { 'hg-01': row(1, { chair: true, mic: 'on' }) } } });
    key('mic-off').click();
    expect(sent('mic.off')).toEqual({ point: 'hg-01' });
  });
});

describe('the speaking order', () => {
  const entries = [2, 3, 4, 5].map((n) => ({
    id: n,
    point: row(n).id,
    state: n === 2 ? ('done' as const) : n === 3 ? ('speaking' as const) : ('waiting' as const),
  }));
  const ordered = (requests: RequestView[]): View => ({ ...view(requests), programme: { entries, next: 4 } });

  it('is what the keys act on while nobody asks', async () => {
    await enter(ordered([holds]));
    expect(key('grant').textContent).toContain('UBND huyện 4');
    key('grant').click();
    expect(sent('programme.next')).toEqual({});
    key('defer').click();
    expect(sent('programme.mark')).toEqual({ entry: 4, state: 'skipped' });
  });

  it('comes after those who ask, until it is touched', async () => {
    await enter(ordered([asks(6), holds]));
    expect(key('grant').textContent).toContain('UBND huyện 6');
    at('[data-testid="next-turn"]').click();
    await drawn();
    expect(key('grant').textContent).toContain('UBND huyện 4');
    key('grant').click();
    expect(sent('floor.grant')).toBeUndefined();
    expect(sent('programme.next')).toEqual({});
  });
});

describe('the technician', () => {
  it('is called by one press, and the key says that the call arrived', async () => {
    await enter(view([]));
    key('technician').click();
    expect(sent('message.send')).toEqual({ text: 'Chủ trì gọi kỹ thuật.' });
    await say({ t: 'ok', re: FakeSocket.last.found('message.send')?.id, seq: 2 });
    expect(key('technician').textContent).toContain('đã nhận được');
  });
});

describe('the queue', () => {
  it('shows three requests and counts the rest', async () => {
    await enter(view([asks(2), asks(4), asks(5), asks(6), asks(7)]));
    expect(document.querySelectorAll('[data-testid="request"]')).toHaveLength(3);
    expect(at('.next h2').textContent).toContain('còn 2 điểm cầu đang chờ');
  });
});

describe('the search', () => {
  it('invites any point that is here, and closes', async () => {
    await enter(view([]));
    key('search').click();
    await drawn();
    at('[data-testid="found"][data-point="hg-06"]').click();
    await drawn();
    expect(sent('floor.grant')).toEqual({ floor: 'speech', point: 'hg-06' });
    expect(document.querySelector('[data-testid="search-dialog"]')).toBeNull();
  });
});

describe('for everyone', () => {
  it('has nothing axe calls serious', async () => {
    await enter(view([asks(4), holds]));
    expect(await serious()).toEqual([]);
  });
});
