// One WebSocket of bridge.v1 that comes back by itself. It knows frames, ids
// and the hello; it knows nothing of meetings or media.
import { type ClientMessage, type Hello, type ServerMessage, subprotocol, type Welcome } from '../wire';
import { Backoff } from './backoff';
import { Refusal } from './refusal';
import { ServerTime } from './servertime';

/** Longest silence of a living server, which ticks every two seconds. */
const silence = 6000;
/** Longest wait for an answer. */
const patience = 10_000;

/** Message is a client's message before its id. */
export type Message = ClientMessage extends infer M ? (M extends { id: number } ? Omit<M, 'id'> : never) : never;
/** Answer is the frame that answers a message: ok, welcome or media.answer. */
export type Answer = Extract<ServerMessage, { t: 'ok' | 'welcome' | 'media.answer' }>;
type Pushed = Exclude<ServerMessage, Answer>;
/** SocketState: "refused" is final, the server said that it closes. */
export type SocketState = 'connecting' | 'up' | 'lost' | 'refused';

/** SocketHandler hears what the socket has to tell. */
export interface SocketHandler {
  /** hello is asked before every connection; resume names a session to go on with. */
  hello(): Omit<Hello, 'resume'> & { resume?: string };
  welcome(w: Welcome): void;
  pushed(m: Pushed): void;
  state(s: SocketState, why?: Refusal): void;
}

interface Waiting {
  text: string;
  timer: ReturnType<typeof setTimeout>;
  resolve(a: Answer): void;
  reject(r: Refusal): void;
}

/** Codes after which another try would end the same way. */
const final = new Set(['token.invalid', 'origin.denied', 'session.replaced']);

/** Socket connects, greets, reconnects, and answers every message exactly once. */
export class Socket {
  readonly time = new ServerTime();
  private ws: WebSocket | undefined;
  private readonly backoff = new Backoff();
  private readonly waiting = new Map<number, Waiting>();
  private nextID = 1;
  private helloID = 0;
  private session = '';
  private up = false;
  private ended = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly on: SocketHandler,
  ) {
    this.connect();
    globalThis.addEventListener?.('online', this.hurry);
  }

  /** request sends a message and waits for its one answer; it rejects with a Refusal. */
  request(m: Message): Promise<Answer> {
    if (!this.up) return Promise.reject(new Refusal('socket.lost'));
    const id = this.nextID++;
    const text = JSON.stringify({ t: m.t, id, d: m.d });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.settle(id)?.reject(new Refusal('link.timeout')), patience);
      this.waiting.set(id, { text, timer, resolve, reject });
      this.ws?.send(text);
    });
  }

  /** reopen closes the socket and connects again at once. */
  reopen(): void {
    const ws = this.ws;
    if (!ws || this.ended) return;
    this.lost(ws);
    ws.close();
    clearTimeout(this.retry);
    this.connect();
  }

  /** close ends the socket for good. */
  close(): void {
    this.ended = true;
    globalThis.removeEventListener?.('online', this.hurry);
    clearTimeout(this.retry);
    clearTimeout(this.watch);
    this.ws?.close();
    this.drop('socket.lost');
  }

  private readonly hurry = (): void => {
    if (this.up || this.ended || !this.retry) return;
    clearTimeout(this.retry);
    this.connect();
  };

  private connect(): void {
    this.retry = undefined;
    this.on.state('connecting');
    const ws = new WebSocket(this.url, subprotocol);
    this.ws = ws;
    this.listenFor(silence, ws);
    ws.onopen = () => {
      this.helloID = this.nextID++;
      ws.send(JSON.stringify({ t: 'hello', id: this.helloID, d: this.on.hello() }));
    };
    ws.onmessage = (e) => {
      if (ws !== this.ws || this.ended) return;
      this.listenFor(silence, ws);
      this.receive(JSON.parse(String(e.data)) as ServerMessage);
    };
    ws.onclose = () => this.lost(ws);
  }

  /** A server that is silent too long is gone, whatever TCP believes. */
  private listenFor(ms: number, ws: WebSocket): void {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => {
      this.lost(ws);
      ws.close();
    }, ms);
  }

  private lost(ws: WebSocket): void {
    if (ws !== this.ws || this.ended) return;
    this.ws = undefined;
    this.up = false;
    clearTimeout(this.watch);
    this.on.state('lost');
    this.retry = setTimeout(() => this.connect(), this.backoff.next());
  }

  private receive(m: ServerMessage): void {
    switch (m.t) {
      case 'welcome':
        return this.welcomed(m.d);
      case 'ok':
      case 'media.answer':
        return this.settle(m.re)?.resolve(m);
      case 'error':
        return this.refused(m);
      case 'tick':
        this.time.heard(m.d.nowMs);
        return this.on.pushed(m);
      default:
        return this.on.pushed(m);
    }
  }

  private welcomed(w: Welcome): void {
    this.backoff.reset();
    this.time.restart();
    this.time.heard(w.nowMs);
    this.up = true;
    if (w.session === this.session) {
      // The same session answers an id once however often it is asked.
      for (const { text } of this.waiting.values()) this.ws?.send(text);
    } else {
      this.drop('socket.lost');
    }
    this.session = w.session;
    this.on.state('up');
    this.on.welcome(w);
  }

  private refused(m: Extract<ServerMessage, { t: 'error' }>): void {
    const why = new Refusal(m.d.code, m.d.args as Record<string, string | number> | undefined);
    const asked = m.re === undefined ? undefined : this.settle(m.re);
    if (asked) asked.reject(why);
    if (final.has(why.code)) {
      this.close();
      this.on.state('refused', why);
    } else if (!asked) {
      this.on.pushed(m);
    }
  }

  private settle(id: number): Waiting | undefined {
    const w = this.waiting.get(id);
    if (w) clearTimeout(w.timer);
    this.waiting.delete(id);
    return w;
  }

  private drop(code: string): void {
    for (const id of [...this.waiting.keys()]) this.settle(id)?.reject(new Refusal(code));
  }
}
