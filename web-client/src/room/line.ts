// The point's line, up and down, through the real server.
import type { Page } from '../page/page';
import type { Check, Verdict } from '../wire';

const downBytes = 1_000_000;
const upBytes = 400_000;
/** What a meeting takes: a picture up, a layout down. */
const need = { up: 700, down: 1000, delay: 400 };

/** measureLine loads a megabyte, sends 400 kB, and asks how long an answer takes. */
export async function measureLine(page: Page): Promise<Check> {
  const headers = { authorization: `Bearer ${page.ticket.token}` };
  try {
    const delayMs = await delay();
    const downKbps = await rate(downBytes, async () => {
      const answer = await fetch(`/api/v1/line?bytes=${downBytes}`, { headers, cache: 'no-store' });
      if (!answer.ok) throw new Error(String(answer.status));
      await answer.arrayBuffer();
    });
    const body = noise(upBytes);
    const upKbps = await rate(upBytes, async () => {
      const answer = await fetch('/api/v1/line', { method: 'POST', headers, body });
      if (!answer.ok) throw new Error(String(answer.status));
    });
    return { line: judge(upKbps, downKbps, delayMs), upKbps, downKbps, delayMs };
  } catch {
    return { line: 'bad' };
  }
}

/** judge is good from what a meeting takes, weak from half of it. */
export function judge(up: number, down: number, delayMs: number): Verdict {
  const share = Math.min(up / need.up, down / need.down, need.delay / Math.max(1, delayMs));
  if (share >= 1) return 'good';
  return share >= 0.5 ? 'weak' : 'bad';
}

async function rate(bytes: number, carry: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await carry();
  return Math.round((bytes * 8) / Math.max(1, performance.now() - start));
}

async function delay(): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    await fetch('/healthz', { cache: 'no-store' });
    times.push(performance.now() - start);
  }
  return Math.round(Math.min(...times));
}

/** noise is what no middlebox can shorten; the browser gives 64 kB at a time. */
function noise(bytes: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(all.subarray(at, at + 65_536));
  return all;
}
