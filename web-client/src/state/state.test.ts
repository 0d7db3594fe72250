import { effect } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import type { OwnView, RosterRow, View, Welcome } from '../wire';
import { plate, State } from './state';

const row = (id: string, number: number, more: Partial<RosterRow> = {}): RosterRow => ({
  id,
  number,
  code: id,
  name: `UBND ${id}`,
  presence: 'present',
  mic: 'off',
  ...more,
});
const own = (more: Partial<OwnView> = {}): OwnView => ({
  point: 'hg-03',
  name: 'UBND huyện Xín Mần',
  mic: 'off',
  content: 'off',
  mayAsk: true,
  mayShow: true,
  presence: 'present',
  ...more,
});
const welcome = (more: Partial<Welcome> = {}): Welcome => ({
  you: { role: 'room', point: 'hg-03' },
  session: 's1',
  limits: { maxTiles: 9, voices: 6, frameBytes: 1, watch: 25 },
  nowMs: 0,
  version: 'test',
  icePort: 10000,
  ...more,
});
const whole: View = {
  own: own(),
  roster: { 'hg-02': row('hg-02', 2), 'hg-01': row('hg-01', 1, { chair: true }) },
  floor: { mode: 'one-by-one', limit: 1, atZero: 'warn', requests: [] },
};

describe('a view', () => {
  it('replaces everything, rows included', () => {
    const state = new State();
    state.view({ ...whole, idle: { nextTitle: 'cũ' } }, 1);
    state.view({ roster: { 'hg-05': row('hg-05', 5) } }, 2);
    expect(state.own.value).toBeNull();
    expect(state.idle.value).toBeNull();
    expect(state.points.value).toEqual(['hg-05']);
    expect(state.row('hg-01').value).toBeUndefined();
    expect(state.seq.value).toBe(2);
  });

  it('lists the points by number', () => {
    const state = new State();
    state.view(whole, 1);
    expect(state.points.value).toEqual(['hg-01', 'hg-02']);
  });
});

describe('a patch', () => {
  it('replaces the sections it has and no other', () => {
    const state = new State();
    state.view(whole, 1);
    state.patch({ own: own({ mic: 'asked', place: 2 }) }, 2);
    expect(state.own.value?.place).toBe(2);
    expect(state.floor.value?.mode).toBe('one-by-one');
    expect(state.points.value).toHaveLength(2);
  });

  it('replaces rows by key, and null removes one', () => {
    const state = new State();
    state.view(whole, 1);
    state.patch({ roster: { 'hg-02': null, 'hg-09': row('hg-09', 9) } }, 2);
    expect(state.points.value).toEqual(['hg-01', 'hg-09']);
  });

  it('wakes only the row that changed', () => {
    const state = new State();
    state.view(whole, 1);
    const woken: string[] = [];
    let points = 0;
    for (const id of state.points.value) {
      effect(() => {
        if (state.row(id).value) woken.push(id);
      });
    }
    effect(() => {
      if (state.points.value) points++;
    });
    woken.length = 0;
    state.patch({ roster: { 'hg-02': row('hg-02', 2, { mic: 'on' }) } }, 2);
    expect(woken).toEqual(['hg-02']);
    expect(points).toBe(1);
  });
});

describe('the plate', () => {
  it('reads "on" only when the server permits and the ingress confirms', () => {
    expect(plate(own({ mic: 'on' }), false)).toBe('opening');
    expect(plate(own({ mic: 'on' }), true)).toBe('on');
    expect(plate(own({ mic: 'off' }), true)).toBe('off');
    expect(plate(own({ mic: 'invited' }), true)).toBe('invited');
    expect(plate(own({ mic: 'back' }), true)).toBe('back');
    expect(plate(own({ mic: 'accepted' }), false)).toBe('asked');
    expect(plate(own({ mic: 'invited', chair: true }), false)).toBe('off');
    expect(plate(null, true)).toBe('off');
  });

  it('believes the gate of its own microphone and of no other source', () => {
    const state = new State();
    state.view({ own: own({ mic: 'on' }) }, 1);
    state.gate({ source: 'hg-04/microphone', open: true, seq: 1 });
    state.gate({ source: 'hg-03/camera', open: true, seq: 1 });
    expect(state.plate.value).toBe('opening');
    state.gate({ source: 'hg-03/microphone', open: true, seq: 1 });
    expect(state.plate.value).toBe('on');
    state.gate({ source: 'hg-03/microphone', open: false, seq: 2 });
    expect(state.plate.value).toBe('opening');
  });

  it('believes no gate of a session that is gone, and keeps those of a resumed one', () => {
    const state = new State();
    state.view({ own: own({ mic: 'on' }) }, 1);
    state.gate({ source: 'hg-03/microphone', open: true, seq: 1 });
    state.welcomed(welcome({ resumed: true }));
    expect(state.plate.value).toBe('on');
    state.welcomed(welcome());
    expect(state.plate.value).toBe('opening');
  });
});

describe('slot.live', () => {
  it('names what a slot carries and leaves the others', () => {
    const state = new State();
    state.slotLive({ slot: 2, source: 'hg-05/camera', rtpTs: 1 });
    state.slotLive({ slot: 0, source: 'hg-01/camera', rtpTs: 1 });
    expect(state.live.value).toEqual(['hg-01/camera', '', 'hg-05/camera']);
  });
});
