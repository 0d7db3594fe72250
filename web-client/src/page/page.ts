// What every page of a meeting has: its link, its state, the server's clock,
// and the one place where refusals are put into words.
import { effect, type Signal, signal } from '@preact/signals';
import { sentence } from '../i18n/i18n';
import { Link, type PeerState, Refusal, type Screen, type SocketState } from '../link/link';
import { Playing } from '../link/playing';
import { Quality } from '../link/quality';
import { unsure } from '../state/shown';
import { State } from '../state/state';
import { onScreen } from '../ui/onscreen';
import type { Commands, Role, SlotLive } from '../wire';
import type { Ticket } from './token';
import { Frozen, Patience, reload } from './watchdog';

/** How long the socket may be gone before the page says so: after this the server has closed every gate. */
const graceMs = 5000;
const noticeMs = 6000;

/** Ways a page differs from the others. */
export interface PageKind {
  roles: Role[];
  maxTiles: number;
  send: boolean;
  listen: boolean;
  /** false for a page without picture and sound. */
  media?: boolean;
  screen?: Screen;
}

/** A clock further from the server's than this is told of: certificates and files go by it. */
const skewMs = 5 * 60_000;

/** Page is one open page. Its fields are read by components and never replaced. */
export class Page {
  readonly state = new State();
  readonly link: Link;
  readonly socket = signal<SocketState>('connecting');
  readonly media = signal<PeerState>('idle');
  readonly video = signal<MediaStream[]>([]);
  readonly voices = signal<MediaStream[]>([]);
  /** Why the server closed this page for good, as a code; "" while it has not. */
  readonly shut = signal('');
  /** One sentence about the last refusal; empties by itself. */
  readonly notice = signal('');
  /** The server's time, once a second, in Unix milliseconds. */
  readonly now: Signal<number>;
  /** Since when the link has been down long enough to tell, else 0. */
  readonly downSince = signal(0);
  /** How far this machine's clock is from the server's, if that is far, in milliseconds. */
  readonly skew = signal(0);
  /** Hears every statistics report. */
  readonly reports = new Set<(report: RTCStatsReport) => void>();
  /** The line has lately been losing more than a picture bears. */
  readonly weak = signal(false);
  private readonly quality = new Quality();
  private readonly playing = new Playing();
  private readonly frozen = new Frozen();
  private readonly patience = new Patience();
  /** Per slot, what ends the watch for its last announced frame. */
  private readonly watching = new Map<number, () => void>();
  private lostAt = 0;
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly kind: PageKind,
    readonly ticket: Ticket,
  ) {
    const state = this.state;
    this.link = new Link(
      {
        url: `${location.origin.replace(/^http/, 'ws')}/api/v1/bridge`,
        token: ticket.token,
        device: ticket.device,
        maxTiles: kind.maxTiles,
        send: kind.send,
        listen: kind.listen,
        media: kind.media,
        screen: kind.screen,
      },
      {
        socket: (s, why) => this.heard(s, why),
        media: (s) => {
          this.media.value = s;
        },
        welcome: (w) => {
          state.welcomed(w);
          const skew = Date.now() - w.nowMs;
          this.skew.value = Math.abs(skew) >= skewMs ? skew : 0;
          if (!kind.roles.includes(w.you.role)) this.close('page.role');
        },
        view: (v, seq) => state.view(v, seq),
        patch: (v, seq) => state.patch(v, seq),
        gate: (g) => state.gate(g),
        publish: () => undefined,
        slotLive: (s) => this.carried(s),
        quality: (q) => state.lines.heard(q),
        streams: (video, voices) => {
          this.video.value = video;
          this.voices.value = voices;
          for (const stop of this.watching.values()) stop();
          this.watching.clear();
          this.frozen.restart();
          state.live.value = [];
        },
        refused: (r) => this.say(new Refusal(r.code)),
      },
    );
    this.now = signal(this.link.now());
    setInterval(() => this.tick(), 250);
    setInterval(() => void this.judge(), 3000);
    effect(() => {
      document.documentElement.dataset.link = this.socket.value;
      document.documentElement.dataset.media = this.media.value;
    });
    expose({ link: this.link, state });
  }

  /** act gives a command and says in a sentence if it was refused; it tells whether it was carried out. */
  async act<T extends keyof Commands>(t: T, d: Commands[T]): Promise<boolean> {
    try {
      await this.link.command(t, d);
      return true;
    } catch (err) {
      this.say(err);
      return false;
    }
  }

  /** say puts a refusal into one sentence. */
  say(err: unknown): void {
    const why = err instanceof Refusal ? err : new Refusal('socket.lost');
    this.tell(sentence(why.code, why.args));
  }

  /** tell shows these words for a while. */
  tell(words: string): void {
    this.notice.value = words;
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => {
      this.notice.value = '';
    }, noticeMs);
  }

  /** close ends the page for good, with the code that says why. */
  close(code: string): void {
    this.link.close();
    this.shut.value = code;
  }

  /** The caption follows the frame; of two changes of one slot the later stays. */
  private carried(s: SlotLive): void {
    this.watching.get(s.slot)?.();
    const stop = onScreen(s, {
      drawn: () => this.state.slotLive(s),
      late: () => this.state.slotLive({ ...s, source: unsure }),
    });
    this.watching.set(s.slot, stop);
  }

  private async judge(): Promise<void> {
    const report = await this.link.stats();
    if (report) for (const hear of this.reports) hear(report);
    this.weak.value = report !== undefined && this.quality.weak(report.values());
    if (report && this.kind.send && this.socket.value === 'up') this.link.report(this.playing.since(report.values()));
    if (this.media.value === 'up' && report && this.frozen.found(report.values(), Date.now())) this.link.remake();
    // Without a meeting there is no media to miss, and a blocked port is not mended by loading the page again.
    const well = this.socket.value === 'up' && ['up', 'idle', 'blocked'].includes(this.media.value);
    if (!this.shut.value && this.patience.ended(well, Date.now())) await reload();
  }

  private heard(s: SocketState, why?: Refusal): void {
    if (s === 'refused') this.shut.value = why?.code ?? 'socket.lost';
    if (s === 'up') this.lostAt = 0;
    else if (s === 'lost' && !this.lostAt) this.lostAt = this.link.now();
    // A retry is still a lost link to whoever looks on.
    this.socket.value = s === 'connecting' && this.lostAt ? 'lost' : s;
    this.tick();
  }

  private tick(): void {
    // The socket reports while the link is still being made.
    if (!this.link) return;
    const now = this.link.now();
    if (this.now) this.now.value = Math.floor(now / 1000) * 1000;
    this.downSince.value = this.lostAt && now - this.lostAt >= graceMs ? this.lostAt : 0;
  }
}

/** expose lets tests and a technician's console read what the page knows. Nothing in the product reads it. */
function expose(page: { link: Link; state: State }): void {
  Object.defineProperty(window, '__giaoban', { value: Object.freeze(page), configurable: true });
}
