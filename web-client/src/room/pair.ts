// A kiosk that belongs to nobody yet: it shows a code, an operator gives it a
// point, and from then on it keeps its token over restarts. Only a paired
// kiosk does; a link's token lives in its tab alone.
import { signal } from '@preact/signals';
import type { Ticket } from '../page/token';
import type { PairingCode, PairingState } from '../wire';

const kept = 'giaoban.paired';
const askMs = 2000;
const againMs = 5000;

/** pairedTicket is the token this kiosk was given, null if it was given none. */
export function pairedTicket(store: Storage = localStorage): Ticket | null {
  try {
    const { token, device } = JSON.parse(store.getItem(kept) ?? '{}') as Partial<Ticket>;
    return token && device ? { token, device, testPicture: false } : null;
  } catch {
    return null;
  }
}

/** keepTicket remembers the token over restarts. */
export function keepTicket(token: string, device: string, store: Storage = localStorage): void {
  store.setItem(kept, JSON.stringify({ token, device }));
}

/** forgetTicket makes the kiosk nobody's again, unless it has a newer token than the one refused. */
export function forgetTicket(refused: string, store: Storage = localStorage): void {
  if (pairedTicket(store)?.token === refused) store.removeItem(kept);
}

/**
 * renewTicket asks for a new token in place of an old one, now and once a day. The page goes on with the
 * one it began with, since a token ends every session of its own when it ends: the server ends the old one
 * when the new one is first used, which is here, at the page's next start.
 */
export function renewTicket(ticket: Ticket): void {
  const renew = async () => {
    const answer = await post<PairingState>('pairing/renew', { device: ticket.device }, ticket.token);
    if (answer?.token) keepTicket(answer.token, ticket.device);
  };
  void renew();
  setInterval(() => void renew(), 24 * 3600_000);
}

/** Pairing shows codes until the kiosk is given a point. */
export class Pairing {
  /** The code to show, "" while there is none. */
  readonly code = signal('');
  /** The server cannot be reached. */
  readonly down = signal(false);
  private stopped = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly device: string,
    private readonly given: () => void,
  ) {
    void this.begin();
  }

  /** stop ends it. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async begin(): Promise<void> {
    const shown = await post<PairingCode>('pairing', { device: this.device });
    if (this.stopped) return;
    this.down.value = shown === null;
    this.code.value = shown?.code ?? '';
    const next = shown ? () => this.collect(shown.secret) : () => this.begin();
    this.timer = setTimeout(() => void next(), shown ? askMs : againMs);
  }

  private async collect(secret: string): Promise<void> {
    const state = await post<PairingState>('pairing/collect', { secret });
    if (this.stopped) return;
    if (state?.token) {
      keepTicket(state.token, this.device);
      this.given();
      return;
    }
    // A refusal means that the code's time is over, or that the server restarted.
    const next = state ? () => this.collect(secret) : () => this.begin();
    this.timer = setTimeout(() => void next(), askMs);
  }
}

/** post is null if the server refuses or cannot be reached: the kiosk tries again either way. */
async function post<T>(path: string, body: object, token = ''): Promise<T | null> {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  try {
    const init: RequestInit = { method: 'POST', headers, body: JSON.stringify(body), credentials: 'omit' };
    const response = await fetch(`/api/v1/${path}`, init);
    return response.ok ? ((await response.json()) as T) : null;
  } catch {
    return null;
  }
}
