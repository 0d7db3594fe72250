import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { open } from '../link/fake';
import { at, drawn, row, say, setStage, show, ticket } from '../page/stage';
import { ConsoleScreen } from './ConsoleScreen';
import { Desk } from './desk';

let desk: Desk;

beforeEach(async () => {
  setStage();
  desk = new Desk(ticket);
  await show(
    <ConsoleScreen desk={desk} />,
    { you: { role: 'controller', name: 'Hoàng Thị Hạnh' } },
    {
      ...open,
      roster: { 'hg-01': row(1, { name: 'UBND tỉnh', chair: true }) },
      nodes: [
        {
          node: 'tw/02',
          name: 'Tỉnh Hà Giang',
          state: 'up',
          upBps: 820_000,
          downBps: 1_240_000,
          rttMs: 81,
          path: 'udp',
        },
        { node: 'tw/02/024', name: 'H. Xín Mần', state: 'down', alarms: 2 },
      ],
    },
  );
});
afterEach(() => {
  desk.page.link.close();
  vi.unstubAllGlobals();
});

it('the map has one row a server, with its line in words and figures', async () => {
  desk.panel.value = 'links';
  await drawn();
  const lines = () => [...document.querySelectorAll<HTMLElement>('[data-testid="node"]')];
  await vi.waitFor(() => expect(lines()).toHaveLength(2), { timeout: 10_000 }); // the panel is loaded when it is opened
  const rows = lines();
  expect(rows.map((r) => [r.dataset.node, r.dataset.state])).toEqual([
    ['tw/02', 'up'],
    ['tw/02/024', 'down'],
  ]);
  expect(rows[0]?.textContent).toContain('Tỉnh Hà GiangTốt820 / 1240081');
  expect(rows[1]?.textContent).toContain('H. Xín MầnMất tín hiệu');
});

it('goes on alone while the server above is away, by a key that is held', async () => {
  const asked: [string, string][] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push([url, String(init.body)]);
    return new Response(null, { status: 204 });
  });
  expect(document.querySelector('[data-act="island"]')).toBeNull();
  await say({ t: 'patch', seq: 2, d: { meeting: { ...open.meeting, above: 'Tỉnh Hà Giang' } } });
  expect(at('[data-testid="lost"]').textContent).toContain('Tạm gián đoạn kết nối với Tỉnh Hà Giang.');
  vi.useFakeTimers();
  const key = at('[data-act="island"]');
  key.dispatchEvent(new Event('pointerdown'));
  vi.advanceTimersByTime(900);
  key.dispatchEvent(new Event('pointerup'));
  vi.advanceTimersByTime(900);
  expect(asked).toEqual([]);
  key.dispatchEvent(new Event('pointerdown'));
  vi.advanceTimersByTime(1100);
  vi.useRealTimers();
  expect(asked).toEqual([[`/api/v1/meetings/${open.meeting?.id}/acts`, '{"act":"island"}']]);
});
