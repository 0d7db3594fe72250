import { render } from 'preact';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { at, drawn } from '../page/stage';
import type { ImportReport } from '../wire';
import { Api } from './api';
import { Desk } from './desk';
import { Import } from './Import';

const report: ImportReport = {
  rows: 2,
  same: 0,
  short: 0,
  asked: 1,
  changes: [
    {
      line: 2,
      point: 'hg-01',
      number: 1,
      name: 'UBND tỉnh',
      system: 'tinh',
      cells: [
        { column: 'code', vi: 'mã', old: '02', new: '2', zeros: true },
        { column: 'room', vi: 'phòng họp', old: 'A', new: 'B' },
      ],
    },
    { line: 3, point: 'hg-99', number: 99, name: 'Mới', system: 'tinh', new: true },
  ],
  faults: [],
  revision: 7,
  taken: false,
};

let sent: { path: string; body: unknown }[];

const choose = async (bytes: Uint8Array<ArrayBuffer>) => {
  const field = at('input[type="file"]') as HTMLInputElement;
  Object.defineProperty(field, 'files', { value: [new File([bytes], 'points.csv')], configurable: true });
  Object.defineProperty(field, 'value', { value: '', writable: true, configurable: true });
  field.dispatchEvent(new Event('change', { bubbles: true }));
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  await drawn();
  await drawn();
};

beforeEach(() => {
  sent = [];
  vi.stubGlobal('fetch', async (url: string, { method, body }: RequestInit) => {
    if (method === 'POST') sent.push({ path: url.replace('/api/v1/', ''), body });
    const answer = method === 'POST' ? { ...report, taken: !url.includes('dry') } : [];
    return new Response(JSON.stringify(answer), { status: 200 });
  });
  render(null, document.body);
  render(<Import desk={new Desk(new Api('T'))} />, document.body);
});

describe('a table that is read in', () => {
  it('shows each cell it changes, and waits for a word on zeros that were lost', async () => {
    await choose(new TextEncoder().encode('number'));
    const shown = at('[data-testid="changes"]').textContent ?? '';
    expect(shown).toContain('mã: “02” → “2”');
    expect(shown).toContain('phòng họp: “A” → “B”');
    expect(shown).toContain('+ 99');
    const key = at('button.op-do') as HTMLButtonElement;
    expect(key.disabled).toBe(true);
    (at('input[name="zeros"]') as HTMLInputElement).click();
    await drawn();
    expect(key.disabled).toBe(false);
    key.click();
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    expect(sent.map((s) => s.path)).toEqual(['points.csv?dry=1', 'points.csv?revision=7&zeros=1']);
  });

  it('goes to the server byte by byte, whatever its encoding', async () => {
    await choose(new Uint8Array([0xd0, 0xf4, 0x0a]));
    const bytes = new Uint8Array(await new Blob([sent[0]?.body as Blob]).arrayBuffer());
    expect([...bytes]).toEqual([0xd0, 0xf4, 0x0a]);
  });
});
