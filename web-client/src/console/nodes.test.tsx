import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { open } from '../link/fake';
import { drawn, row, setStage, show, ticket } from '../page/stage';
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
