// The end of a meeting at the desk: who has finished, and the files to keep.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { open } from '../link/fake';
import { at, drawn, row, say, serious, setStage, show, ticket } from '../page/stage';
import type { View } from '../wire';
import { ConsoleScreen } from './ConsoleScreen';
import { Desk } from './desk';

const closing: View = {
  ...open,
  ...(open.meeting && { meeting: { ...open.meeting, phase: 'closing' } }),
  roster: {
    'hg-01': row(1, { name: 'UBND tỉnh', chair: true, finishedAtMs: 5 }),
    'hg-02': row(2, { name: 'UBND huyện Đồng Văn' }),
    'hg-03': row(3, { presence: 'absent' }),
  },
};

let desk: Desk;
const asked: [string, string][] = [];
const kept: string[] = [];

beforeEach(async () => {
  setStage();
  asked.length = 0;
  kept.length = 0;
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined }));
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    kept.push(this.download);
  });
  desk = new Desk(ticket);
  await show(<ConsoleScreen desk={desk} />, { you: { role: 'controller' } }, closing);
});
afterEach(() => {
  desk.page.link.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** answer has the server answer requests for files. */
function answer(body: string, status = 200): void {
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push([url, new Headers(init.headers).get('authorization') ?? '']);
    return new Response(body, { status });
  });
}

describe('the closing check', () => {
  it('names whom the release waits for, and nobody who is not here', async () => {
    desk.open('meeting');
    await drawn();
    expect(at('[data-testid="closing"]').textContent).toBe(
      'Đã kiểm tra kết thúc: 1/2 điểm cầu. Còn chờ: 002 UBND huyện Đồng Văn.',
    );
    await say({ t: 'patch', seq: 2, d: { roster: { 'hg-02': row(2, { finishedAtMs: 6 }) } } });
    expect(at('[data-testid="closing"]').dataset.waits).toBe('0');
  });
});

describe('the minutes', () => {
  it('are kept while the meeting goes on, and when nothing else is left to do', async () => {
    answer('x');
    desk.open('meeting');
    await drawn();
    at('[data-act="get-speakers.csv"]').click();
    await drawn();
    const { id } = open.meeting ?? { id: '' };
    await say({ t: 'patch', seq: 2, d: { meeting: { ...open.meeting, phase: 'ended', status: 'ended' } } });
    expect(await serious()).toEqual([]);
    at('[data-act="get-log.jsonl"]').click();
    await drawn();
    expect(asked).toEqual([
      [`/api/v1/meetings/${id}/minutes?format=csv&table=speakers&lang=vi`, 'Bearer T'],
      [`/api/v1/meetings/${id}/journal?lang=vi`, 'Bearer T'],
    ]);
    expect(kept).toEqual([`${id}-speakers.csv`, `${id}-log.jsonl`]);
  });

  it('that are refused say why', async () => {
    answer(JSON.stringify({ code: 'rights.denied' }), 403);
    desk.open('meeting');
    await drawn();
    at('[data-act="get-minutes.xlsx"]').click();
    await drawn();
    expect(kept).toEqual([]);
    expect(at('[data-testid="notice"]').textContent).not.toBe('');
  });
});
