import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { forgetTicket, keepTicket, Pairing, pairedTicket, renewTicket } from './pair';

/** Answers of the server, one after the other; null is a refusal. */
function answers(...list: (object | null)[]) {
  const asked: { path: string; body: Record<string, string> }[] = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push({ path, body: JSON.parse(String(init.body)) });
    const next = list.shift() ?? null;
    return new Response(JSON.stringify(next ?? {}), { status: next ? 200 : 404 });
  });
  return asked;
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a kiosk without a point', () => {
  it('shows its code, asks until it is given a point, and keeps the token', async () => {
    const asked = answers({ code: '482913', secret: 's1' }, {}, { token: 'T', point: 'hg-20' });
    const given = vi.fn();
    const pairing = new Pairing('d1', given);
    await vi.advanceTimersByTimeAsync(0);
    expect(pairing.code.value).toBe('482913');
    await vi.advanceTimersByTimeAsync(2000);
    expect(given).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2000);
    expect(given).toHaveBeenCalledOnce();
    expect(pairedTicket()).toEqual({ token: 'T', device: 'd1', testPicture: false });
    expect(asked.map((a) => a.path)).toEqual(['/api/v1/pairing', '/api/v1/pairing/collect', '/api/v1/pairing/collect']);
    expect(asked[1]?.body).toEqual({ secret: 's1' });
  });

  it('shows a new code when the old one is over', async () => {
    answers({ code: '111111', secret: 's1' }, null, { code: '222222', secret: 's2' });
    const pairing = new Pairing('d1', () => undefined);
    await vi.advanceTimersByTimeAsync(4000);
    expect(pairing.code.value).toBe('222222');
    pairing.stop();
  });

  it('says that the server is away, and tries again', async () => {
    answers(null, { code: '333333', secret: 's' });
    const pairing = new Pairing('d1', () => undefined);
    await vi.advanceTimersByTimeAsync(0);
    expect([pairing.down.value, pairing.code.value]).toEqual([true, '']);
    await vi.advanceTimersByTimeAsync(5000);
    expect([pairing.down.value, pairing.code.value]).toEqual([false, '333333']);
    pairing.stop();
  });

  it('is nobody’s again when it is revoked, and when what it kept cannot be read', () => {
    keepTicket('T', 'd1');
    forgetTicket('T');
    expect(pairedTicket()).toBeNull();
    localStorage.setItem('giaoban.paired', '{');
    expect(pairedTicket()).toBeNull();
  });

  it('renews its token without ending the one its page goes on with', async () => {
    keepTicket('T', 'd1');
    const asked = answers({ token: 'T2' }, {});
    renewTicket({ token: 'T', device: 'd1', testPicture: false });
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.map((a) => a.path)).toEqual(['/api/v1/pairing/renew']);
    expect(pairedTicket()?.token).toBe('T2');
    forgetTicket('T'); // the server ends the old one: the next start has the new one
    expect(pairedTicket()?.token).toBe('T2');
    forgetTicket('T2');
    expect(pairedTicket()).toBeNull();
  });
});
