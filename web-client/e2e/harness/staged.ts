// A page of the real build in a real browser whose server is the test: the
// socket is answered here, media is drawn on canvases, stills are made up. For
// moments that a small machine cannot play with 217 real rooms.

import type { BrowserContext, Page, WebSocketRoute } from 'playwright-core';
import type { Role, RosterRow, ServerMessage, View } from '../../src/wire.ts';
import { drawMedia } from './drawn.ts';

/** Where a stage gets its page and its people from. */
export interface StageOptions {
  /** The page's address, token included. */
  url: string;
  role: Role;
  /** The client's own point; the chair's unless told. */
  point?: string;
  view: View;
  /** The server's time when the page opens, in Unix milliseconds. */
  at: number;
  viewport: { width: number; height: number };
  lang?: 'vi' | 'en';
  /** Whether pictures are drawn; a stage that measures the page itself has none. */
  media?: boolean;
  /** Runs inside the page before everything else. */
  prepare?: () => void;
}

/** How long a state may take to come about on a machine that does much else. */
const patienceMs = 120_000;

/** How often the server's time is told. */
const beatMs = 2000;

/** Stage is the server of one page. */
export class Stage {
  readonly sent: { t: string; id: number; d: Record<string, unknown> }[] = [];
  private socket: WebSocketRoute | undefined;
  private seq = 1;
  private mute = false;
  private readonly opened = Date.now();

  private constructor(
    readonly page: Page,
    private readonly options: StageOptions,
  ) {}

  /** open loads the page and gives it its view. */
  static async open(context: BrowserContext, options: StageOptions): Promise<Stage> {
    const page = await context.newPage();
    await page.setViewportSize(options.viewport);
    await page.addInitScript(drawMedia);
    if (options.prepare) await page.addInitScript(options.prepare);
    const stage = new Stage(page, options);
    await page.routeWebSocket(/\/api\/v1\/bridge/, (socket) => stage.answer(socket));
    await page.route(/\/api\/v1\/snapshots/, async (route) => {
      const drawn = options.media === false ? [] : Object.values(options.view.roster ?? {});
      const rows = drawn.filter((r) => r?.presence === 'present') as RosterRow[];
      const stills = await page
        .evaluate(
          (ids) => window.giaobanStills(ids),
          rows.map((r) => r.id),
        )
        .catch(() => null);
      // A page that closes meanwhile needs no answer.
      await route.fulfill({ json: { seq: 1, snapshots: stills ?? [] } }).catch(() => undefined);
    });
    const url = new URL(options.url);
    url.searchParams.set('lang', options.lang ?? 'vi');
    await page.goto(url.href, { waitUntil: 'commit' });
    page.setDefaultTimeout(patienceMs);
    return stage;
  }

  /** now is the server's time. */
  now(): number {
    return this.options.at + Date.now() - this.opened;
  }

  /** say sends a frame of the server. */
  say(frame: ServerMessage): void {
    if (!this.mute) this.socket?.send(JSON.stringify(frame));
  }

  /** patch tells what changed. */
  patch(d: View): void {
    this.say({ t: 'patch', seq: ++this.seq, d });
  }

  /** cut is a line that carries nothing any more: the page hears no server, however often it tries. */
  cut(): void {
    this.mute = true;
  }

  /** commands are those of one name the page gave. */
  commands(name: string): Record<string, unknown>[] {
    return this.sent.filter((m) => m.t === name).map((m) => m.d);
  }

  private answer(socket: WebSocketRoute): void {
    this.socket = socket;
    const beat = setInterval(() => this.say({ t: 'tick', d: { nowMs: this.now() } }), beatMs);
    socket.onClose(() => clearInterval(beat));
    this.page.once('close', () => clearInterval(beat));
    socket.onMessage((text) => {
      const message = JSON.parse(String(text));
      this.sent.push(message);
      if (message.t === 'hello') this.greet(message.id);
      else if (message.t === 'media.offer' && this.options.media !== false)
        this.say({ t: 'media.answer', re: message.id, d: { sdp: 'v=0' } });
      else this.say({ t: 'ok', re: message.id, seq: this.seq });
      if (message.t === 'media.watch') this.watch(message.d.points);
    });
  }

  /** A point that is looked at gets a slot after those of the meeting's own picture. */
  private watch(points: string[]): void {
    const own = this.options.view.slots?.video ?? [];
    const video = [...own, ...points.map((id) => `${id}/camera`)];
    this.patch({ slots: { video, voices: [] } });
    if (this.options.media === false) return;
    for (const [slot, source] of video.entries()) this.say({ t: 'slot.live', d: { slot, source, rtpTs: 0 } });
  }

  private greet(re: number): void {
    const { role, view } = this.options;
    this.say({
      t: 'welcome',
      re,
      d: {
        you: {
          role,
          name: role === 'controller' ? 'Hoàng Thị Hạnh' : view.own?.name,
          point: this.options.point ?? (role === 'chair' ? 'hg-001' : undefined),
        },
        session: 's',
        limits: { maxTiles: 25, voices: 6, frameBytes: 262_144, watch: 25 },
        nowMs: this.now(),
        version: 'test',
        icePort: 10000,
      },
    });
    this.say({ t: 'view', seq: this.seq, d: view });
    if (this.options.media === false) return;
    for (const [slot, source] of (view.slots?.video ?? []).entries())
      this.say({ t: 'slot.live', d: { slot, source, rtpTs: 0 } });
  }
}
