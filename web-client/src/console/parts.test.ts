import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { row, setStage } from '../page/stage';
import { districts } from '../state/districts';
import { kept, Lines } from '../state/lines';
import { State } from '../state/state';
import type { EntryView, RosterRow } from '../wire';
import { Alarms, againMs } from './alarms';
import { type Parsed, read, write } from './programme';
import { Snapshots } from './snapshots';
import * as sounds from './sounds';
import { listOf, mostWatched } from './watched';

beforeEach(() => setStage());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('the tree', () => {
  it('has a row a district, its own room first, and the others on top', () => {
    const rows = [
      row(1, { name: 'UBND tỉnh' }),
      row(2, { name: 'UBND huyện Mèo Vạc' }),
      row(3, { name: 'UBND xã Lũng Pù', parent: 'H. Mèo Vạc' }),
      row(4, { name: 'UBND phường Trần Phú', parent: 'TP. Hà Giang' }),
      row(5, { name: 'UBND xã Tả Lủng', parent: 'H. Mèo Vạc' }),
    ];
    expect(districts(rows)).toEqual([
      { name: '', points: ['hg-01'] },
      { name: 'H. Mèo Vạc', points: ['hg-02', 'hg-03', 'hg-05'] },
      { name: 'TP. Hà Giang', points: ['hg-04'] },
    ]);
  });

  it('is one row where there are no districts', () => {
    expect(districts([row(1), row(2)])).toEqual([{ name: '', points: ['hg-01', 'hg-02'] }]);
    expect(districts([])).toEqual([]);
  });
});

describe('the lines', () => {
  const sample = (at: number, loss: number) => ({
    at,
    loss,
    rttMs: 40,
    jitterMs: 5,
    word: loss < 2 ? ('good' as const) : ('weak' as const),
  });

  it('keep ten minutes and say only when a line is weak', () => {
    const lines = new Lines();
    for (let s = 0; s < kept + 10; s++) lines.take('a', sample(s * 1000, 0.5));
    const [at, loss] = lines.history('a').read();
    expect([at.length, at[0], at[kept - 1], loss[0]]).toEqual([kept, 10, kept + 9, 0.5]);
    expect(lines.weak('a')).toBe(false);
    lines.take('a', sample(0, 6.24));
    expect(lines.word('a').value).toBe('6.2');
  });

  it('are told together, the worse way counting, and one that is not spoken of is none', () => {
    const lines = new Lines();
    const line = { upKbps: 300, downKbps: 900, estimateKbps: 2000, rttMs: 40, jitterMs: 5, queueMs: 0 };
    const a = { ...line, point: 'a', word: 'good' as const, lossUp: 0.1, lossDown: 0.4 };
    lines.heard({ atMs: 1000, lines: [a, { ...a, point: 'b', word: 'weak', lossUp: 7 }] });
    expect([lines.word('a').value, lines.word('b').value, lines.now('b')?.lossUp]).toEqual(['', '7.0', 7]);
    expect(lines.history('a').read()).toEqual([[1], [0.4], [40], [5]]);
    lines.heard({ atMs: 2000, lines: [a] });
    expect([lines.weak('b'), lines.now('b')]).toEqual([false, undefined]);
    expect(lines.history('b').read()[0]).toEqual([1]);
  });
});

describe('the speaking order as text', () => {
  const rows = [row(1), row(2, { name: 'UBND xã Bản Luốc' }), row(12, { name: 'UBND huyện Xín Mần' })];
  const entries = (p: Parsed) => (p.faults.length ? p : p.entries);

  it('reads numbers, names without marks, and what a spreadsheet pastes', () => {
    const text = '12; Hoàng Văn Thiết; di dời 14 hộ; 7\n\nban luoc\n1\tGiàng Seo Páo\tsửa kè\t5';
    expect(entries(read(text, rows, []))).toEqual([
      { point: 'hg-12', delegate: 'Hoàng Văn Thiết', subject: 'di dời 14 hộ', minutes: 7 },
      { point: 'hg-02' },
      { point: 'hg-01', delegate: 'Giàng Seo Páo', subject: 'sửa kè', minutes: 5 },
    ]);
  });

  it('reads a file with commas, quotes, codes and a heading', () => {
    const text =
      '\uFEFFSố,Đại biểu,Nội dung,Phút\r\n12,"Bà Lò Thị Mỷ, Phó Chủ tịch","đường ""vào"" xã\nvà cầu",5\r\n00731,,,\r\n';
    expect(entries(read(text, [...rows, row(31, { code: '00731' })], []))).toEqual([
      { point: 'hg-12', delegate: 'Bà Lò Thị Mỷ, Phó Chủ tịch', subject: 'đường "vào" xã và cầu', minutes: 5 },
      { point: 'hg-31' },
    ]);
    expect(read('1\n12,"a\nb"\n99', rows, []).faults).toEqual([{ line: 4, what: '99', why: 'point' }]);
    expect(entries(read('1;Ông "Ba; "', rows, []))).toEqual([{ point: 'hg-01', delegate: 'Ông "Ba', subject: '"' }]);
  });

  it('reads back what it writes', () => {
    const before: EntryView[] = [
      { id: 1, point: 'hg-12', state: 'waiting', delegate: 'A; B', subject: '"C"', minutes: 3 },
    ];
    const text = write(before, () => 12);
    expect(read(text, rows, before).entries).toEqual([
      { id: 1, point: 'hg-12', delegate: 'A; B', subject: '"C"', minutes: 3 },
    ]);
  });

  it('keeps how far its entries have come, also out of order', () => {
    const before: EntryView[] = [
      { id: 7, point: 'hg-01', state: 'done' },
      { id: 8, point: 'hg-12', state: 'waiting', minutes: 5 },
    ];
    const numbers = (id: string) => rows.find((r) => r.id === id)?.number;
    expect(write(before, numbers)).toBe('1\n12; ; ; 5');
    expect(entries(read('12;;;5\n1\n1', rows, before))).toEqual([
      { id: 8, point: 'hg-12', minutes: 5 },
      { id: 7, point: 'hg-01' },
      { point: 'hg-01' },
    ]);
  });

  it('says which line it does not understand', () => {
    const faults = (text: string) => read(text, rows, []).faults;
    expect(faults('1\n99\n12\n\nxã không có')).toEqual([
      { line: 2, what: '99', why: 'point' },
      { line: 5, what: 'xã không có', why: 'point' },
    ]);
    expect(faults('1;;;0.5')).toEqual([{ line: 1, what: '0.5', why: 'minutes' }]);
    expect(faults('1;;;181')).toEqual([{ line: 1, what: '181', why: 'minutes' }]);
    expect(faults(`1\n1;${'ô'.repeat(200)}\n1;;${'x'.repeat(201)}`)).toMatchObject([{ line: 3, why: 'long' }]);
    expect(faults('1\n'.repeat(302)).map((f) => [f.line, f.why])).toEqual([
      [301, 'many'],
      [302, 'many'],
    ]);
  });
});

describe('the alarms', () => {
  const view = (rows: RosterRow[]) => ({ roster: Object.fromEntries(rows.map((r) => [r.id, r])) });
  const lost = (n: number, sinceMs: number) => row(n, { presence: 'lost', sinceMs });

  it('sound when a point is lost, and again after 30 s until acknowledged', () => {
    const low = vi.spyOn(sounds, 'lowNotes').mockReturnValue(undefined);
    const state = new State();
    const now = signal(0);
    const alarms = new Alarms(state, now);
    state.view(view([row(1), row(2)]), 1);
    expect(low).toHaveBeenCalledTimes(0);
    state.patch(view([lost(2, 5)]), 2);
    expect(low).toHaveBeenCalledTimes(1);
    now.value = againMs - 1000;
    expect(low).toHaveBeenCalledTimes(1);
    now.value = againMs;
    expect(low).toHaveBeenCalledTimes(2);
    alarms.acknowledge();
    now.value = 3 * againMs;
    expect(low).toHaveBeenCalledTimes(2);
    state.patch(view([lost(1, 9)]), 3);
    expect(low).toHaveBeenCalledTimes(3);
    expect(alarms.open.value).toEqual(['hg-01 9']);
  });

  it('tick softly for whoever asks after the page was opened', () => {
    const tick = vi.spyOn(sounds, 'tick').mockReturnValue(undefined);
    const state = new State();
    new Alarms(state, signal(0));
    const ask = (n: number) => ({
      point: `hg-0${n}`,
      floor: 'speech' as const,
      state: 'pending' as const,
      mic: 'asked' as const,
      askedAtMs: n,
    });
    const floor = (...asks: number[]) => ({
      floor: { mode: 'one-by-one' as const, limit: 1, atZero: 'warn' as const, requests: asks.map(ask) },
    });
    state.view(floor(1), 1);
    expect(tick).toHaveBeenCalledTimes(0);
    state.patch(floor(1, 2), 2);
    expect(tick).toHaveBeenCalledTimes(1);
    state.patch(floor(2), 3);
    expect(tick).toHaveBeenCalledTimes(1);
  });
});

describe('what is looked at', () => {
  it('is no more than the server allows, and what is drawn comes first', () => {
    const drawn = Array.from({ length: 24 }, (_, i) => `d${i}`);
    const list = listOf(drawn, ['d1', 'x', 'y']);
    expect(list).toHaveLength(mostWatched);
    expect(list).toContain('x');
    expect(list).not.toContain('y');
  });
});

describe('the stills', () => {
  it('replace each other, and the old one is given back', () => {
    const freed: string[] = [];
    let made = 0;
    vi.spyOn(URL, 'createObjectURL').mockImplementation(() => `blob:${++made}`);
    vi.spyOn(URL, 'revokeObjectURL').mockImplementation((url) => freed.push(url as string));
    const stills = new Snapshots('T');
    const of = (seq: number) => ({ seq, snapshots: [{ point: 'a', atMs: 0, jpeg: btoa('x') }] });
    stills.take(of(1));
    stills.take(of(2));
    expect(stills.url('a').value).toBe('blob:2');
    expect(freed).toEqual(['blob:1']);
  });
});
