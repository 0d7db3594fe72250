import { describe, expect, it } from 'vitest';
import { type FloorView, type Layout, layoutKinds, layoutTiles, type RosterRow } from '../wire';
import { arrange, bind, draft, same } from './layouts';
import { fold, matches } from './search';
import { shown, unsure } from './shown';
import { lamp, worstFirst } from './worst';

const row = (number: number, more: Partial<RosterRow> = {}): RosterRow => ({
  id: `hg-${number}`,
  number,
  code: '',
  name: `Điểm ${number}`,
  presence: 'present',
  mic: 'off',
  ...more,
});

describe('search', () => {
  it('needs no marks', () => {
    expect(fold('Đồng Văn ỄẰỮ')).toBe('dong van eau');
    expect(matches(row(23, { name: 'UBND xã Lũng Cú', parent: 'H. Đồng Văn' }), 'lung cu dong')).toBe(true);
  });

  it('finds a point by the number people say', () => {
    expect(matches(row(7), '007')).toBe(true);
    expect(matches(row(7), '8')).toBe(false);
  });

  it('finds everything with nothing typed', () => {
    expect(matches(row(7), '')).toBe(true);
  });
});

describe('lamps', () => {
  it('show a lost point as lost whatever its microphone was', () => {
    expect(lamp(row(1, { presence: 'lost', mic: 'on' }))).toBe('lost');
    expect(lamp(row(1, { mic: 'on' }))).toBe('air');
    expect(lamp(row(1, { mic: 'back' }))).toBe('grant');
  });

  it('sort what needs a person first, askers in their order', () => {
    const rows = [
      row(1),
      row(2, { mic: 'asked', place: 2 }),
      row(3, { presence: 'absent' }),
      row(4, { mic: 'asked', place: 1 }),
      row(5, { presence: 'lost' }),
      row(6, { asking: true }),
    ];
    expect(worstFirst(rows).map((r) => r.number)).toEqual([6, 5, 4, 2, 3, 1]);
  });
});

describe('tiles', () => {
  const slots = { video: ['hg-1/camera', 'hg-2/camera'], voices: [] };

  it('find their slot by the source it is for', () => {
    const [a, b, own, blank] = shown(
      [{ source: 'hg-2/camera' }, { source: 'hg-9/camera' }, { source: 'hg-3/camera', own: true }, { source: '' }],
      slots,
      ['hg-1/camera', 'hg-2/camera'],
    );
    expect(a?.video).toEqual({ kind: 'slot', slot: 1 });
    expect(b?.video.kind).toBe('none');
    expect(own?.video.kind).toBe('own');
    expect(blank?.video.kind).toBe('none');
  });

  it('claim what the slot still shows until the new source is on screen', () => {
    expect(shown([{ source: 'hg-1/camera' }], slots, ['hg-7/camera'])[0]?.source).toBe('hg-7/camera');
    expect(shown([{ source: 'hg-1/camera' }], slots, ['hg-1/camera'])[0]?.source).toBe('hg-1/camera');
  });

  it('show nothing of a slot that carries nothing yet', () => {
    expect(shown([{ source: 'hg-1/camera' }], slots, [''])[0]?.video.kind).toBe('none');
  });

  it('shows no picture that has stopped and that nobody can name', () => {
    const slots = { video: ['hg-1/camera'], voices: [] };
    const stopped = [{ source: 'hg-1/camera', name: 'UBND xã', note: 'weak' }];
    const [tile] = shown(stopped, slots, [unsure]);
    expect([tile?.video.kind, tile?.source]).toEqual(['none', 'hg-1/camera']);
    expect(shown(stopped, slots, ['hg-1/camera'])[0]?.video.kind).toBe('slot');
    expect(shown([{ source: 'hg-1/camera' }], slots, [unsure])[0]?.video.kind).toBe('slot');
  });
});

describe('layouts', () => {
  const start: Layout = { kind: '1', tiles: [{ kind: 'speaker' }] };
  const rows = Array.from({ length: 12 }, (_, i) => row(i + 1, i === 0 ? { chair: true } : {}));

  it('have as many tiles as their kind, whatever they came from', () => {
    for (const from of layoutKinds)
      for (const to of layoutKinds)
        expect(arrange(arrange(start, from, rows), to, rows).tiles).toHaveLength(layoutTiles[to]);
  });

  it('keep what was bound and show no point twice', () => {
    const wide = arrange(bind(start, 0, { kind: 'point', point: 'hg-4' }), '2x2', rows);
    expect(wide.tiles[0]).toEqual({ kind: 'point', point: 'hg-4' });
    const points = wide.tiles.flatMap((tile) => tile.point ?? []);
    expect(new Set(points).size).toBe(points.length);
  });

  it('fill with nobody who is not here', () => {
    expect(arrange(start, '2x2', [row(5, { presence: 'lost' })]).tiles.some((tile) => tile.point)).toBe(false);
  });

  it('are the same only when they would look the same', () => {
    expect(same(start, { kind: '1', tiles: [{ kind: 'speaker' }] })).toBe(true);
    expect(same(start, { kind: '1', tiles: [{ kind: 'chair' }] })).toBe(false);
    expect(same(start, undefined)).toBe(false);
  });

  it('draw a speaker as the newest holder, and as the chair point when nobody holds', () => {
    const floor: FloorView = {
      mode: 'discussion',
      atZero: 'warn',
      limit: 2,
      requests: [
        { point: 'hg-2', floor: 'speech', state: 'granted', mic: 'on', askedAtMs: 1, grantedAtMs: 10 },
        { point: 'hg-3', floor: 'speech', state: 'granted', mic: 'invited', askedAtMs: 2, grantedAtMs: 20 },
        { point: 'hg-1', floor: 'speech', state: 'granted', mic: 'on', askedAtMs: 3, grantedAtMs: 30 },
      ],
    };
    const find = (id: string) => rows.find((r) => r.id === id);
    expect(draft(start, { chairPoint: 'hg-1', floor, row: find })[0]?.source).toBe('hg-3/camera');
    expect(draft(start, { chairPoint: 'hg-1', floor: null, row: find })[0]?.source).toBe('hg-1/camera');
  });

  it('draw nothing where nobody presents', () => {
    const scene = { chairPoint: 'hg-1', floor: null, row: (id: string) => rows.find((r) => r.id === id) };
    expect(draft({ kind: '1', tiles: [{ kind: 'content' }] }, scene)[0]?.source).toBe('');
  });
});

describe('the own presentation', () => {
  it('is drawn from this computer, for the server sends nobody their own', () => {
    const tiles = [{ source: 'hg-3/content' }, { source: 'hg-4/content' }];
    const kinds = shown(tiles, { video: [], voices: [] }, [], 'hg-3/content').map((s) => s.video.kind);
    expect(kinds).toEqual(['shared', 'none']);
  });
});
