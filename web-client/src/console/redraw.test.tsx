// What one change draws again, counted by Preact itself.
import { options } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { open } from '../link/fake';
import { drawn, row, setStage, show, ticket } from '../page/stage';
import { ConsoleScreen } from './ConsoleScreen';
import { Desk } from './desk';

const count = 250;
const rows = Array.from({ length: count }, (_, i) => row(i + 1, { parent: `H. ${Math.floor(i / 20)}` }));
const drawnNow = new Map<string, number>();

/** The option in which Preact tells of every component it draws; its name is fixed in Preact's mangle.json. */
const hooks = options as unknown as { __r?: (vnode: { type: unknown }) => void };
const before = hooks.__r;

let desk: Desk;
beforeEach(async () => {
  hooks.__r = (vnode) => {
    const name = typeof vnode.type === 'function' ? vnode.type.name : '';
    if (name) drawnNow.set(name, (drawnNow.get(name) ?? 0) + 1);
    before?.(vnode);
  };
  setStage();
  desk = new Desk(ticket);
  desk.only.value = 'all';
  desk.worst.value = false; // every point has a row
  const roster = Object.fromEntries(rows.map((r) => [r.id, r]));
  const floor = { mode: 'one-by-one' as const, limit: 1, atZero: 'warn' as const, requests: [] };
  await show(<ConsoleScreen desk={desk} />, { you: { role: 'controller' } }, { ...open, roster, floor });
  await drawn();
  drawnNow.clear();
}, 60_000);
afterEach(() => {
  if (before) hooks.__r = before;
  else delete hooks.__r;
  desk.page.link.close();
  vi.unstubAllGlobals();
});

describe('of 250 points', () => {
  it('one that changes draws one row', async () => {
    desk.page.state.patch({ roster: { 'hg-77': row(77, { parent: 'H. 3', cameraOff: true }) } }, 2);
    await vi.waitFor(() => expect([drawnNow.get('Row'), drawnNow.get('Cell')]).toEqual([1, 1]), 20_000);
    await drawn();
    expect([drawnNow.get('Row'), drawnNow.get('Cell')]).toEqual([1, 1]);
    for (const whole of ['ConsoleScreen', 'Points', 'Found', 'Buses', 'Queue', 'Messages', 'Wall'])
      expect(drawnNow.get(whole), whole).toBeUndefined();
  });

  it('250 good measurements draw nothing, and a weak one its own row', async () => {
    const good = { at: 0, loss: 0.3, rttMs: 40, jitterMs: 4, word: 'good' as const };
    for (const { id } of rows) desk.page.state.lines.take(id, good);
    await drawn();
    expect([...drawnNow.keys()]).toEqual([]);
    desk.page.state.lines.take('hg-77', { ...good, loss: 6, word: 'weak' });
    await drawn();
    await vi.waitFor(() => expect(drawnNow.get('Row')).toBe(1), 20_000);
    const words = () => document.querySelector('[data-testid="row"][data-point="hg-77"]')?.textContent;
    expect(words()).toContain('6,0');
    desk.page.state.lines.take('hg-77', { ...good, loss: 0, word: 'weak' });
    await vi.waitFor(() => expect(words()).not.toContain('0,0'), 20_000);
    expect(words()).toContain('Yếu');
  });
});
