// Package link is the browser's client of bridge.v1, without any user
// interface: socket, session, commands and the PeerConnection. Pages of ours
// and of others use it alike:
//
//   const link = new Link({ url, token, device, maxTiles: 9, send: true, listen: true }, handler);
//   link.send('camera', track);                       // any time; survives reconnects
//   await link.command('floor.request', { floor: 'speech' });   // answered once; rejects with Refusal
//   link.close();
//
// It reconnects for ever with jittered backoff, resumes its session when the
// server still has it, restarts ICE or makes a new PeerConnection as needed,
// and stops encoders nobody watches. It decides nothing about a meeting: views
// and patches go to the handler as they come.
import type {
  Audience,
  Commands,
  Gate,
  Kind,
  MediaReport,
  Part,
  PointID,
  Publish,
  Quality,
  SlotLive,
  View,
  Welcome,
} from '../wire';
import { Peer, type PeerState } from './peer';
import type { Refusal } from './refusal';
import { type Message, Socket, type SocketState } from './socket';

export type { PeerState } from './peer';
export { Refusal } from './refusal';
export type { SocketState } from './socket';

/** Options of a link. */
export interface LinkOptions {
  /** Address of the WebSocket, ws: or wss:. */
  url: string;
  token: string;
  /** Random, the same over reloads of one tab. */
  device: string;
  /** How many pictures the page shows at most; the server may allow fewer. */
  maxTiles: number;
  /** Whether the page sends camera, microphone and content; only a room's page may. */
  send: boolean;
  /** Whether the page plays the voices. */
  listen: boolean;
  /** false for a page without picture and sound, such as an officer's telephone. */
  media?: boolean;
  /** What a page that only shows a picture chooses to show; left out, what its role is shown. */
  screen?: Screen;
}

/** Screen is a choice of what there is to see; the server says who may choose. */
export interface Screen {
  audience?: Audience;
  /** Points whose sound is left out (mix-minus). */
  exclude?: PointID[];
  part?: Part;
}

/** LinkHandler hears everything a link has to tell. */
export interface LinkHandler {
  socket(s: SocketState, why?: Refusal): void;
  media(s: PeerState): void;
  welcome(w: Welcome): void;
  view(v: View, seq: number): void;
  patch(v: View, seq: number): void;
  gate(g: Gate): void;
  publish(p: Publish): void;
  slotLive(s: SlotLive): void;
  /** How the lines are; of a controller, once a second. */
  quality?(q: Quality): void;
  /** streams by receiving m-line; new ones with every PeerConnection. */
  streams(video: MediaStream[], voices: MediaStream[]): void;
  /** An error no command had asked for, such as a point in use elsewhere. */
  refused(r: { code: string; args?: Record<string, unknown> }): void;
}

/** Link is one session of a page with the bridge, over all reconnects. */
export class Link {
  private readonly socket: Socket;
  private readonly peer: Peer;
  private welcomed: Welcome | undefined;
  private watched: string[] = [];
  private wanted = false;
  private started = false;

  constructor(
    private options: LinkOptions,
    private readonly on: LinkHandler,
  ) {
    this.peer = new Peer({
      offer: (sdp) => this.offer(sdp),
      state: (s) => on.media(s),
      streams: (video, voices) => on.streams(video, voices),
    });
    this.socket = new Socket(options.url, {
      hello: () => this.hello(),
      welcome: (w) => this.welcome(w),
      state: (s, why) => on.socket(s, why),
      pushed: (m) => this.pushed(m),
    });
  }

  /** command sends a meeting command and gives the log position it led to; it rejects with a Refusal. */
  async command<T extends keyof Commands>(t: T, d: Commands[T]): Promise<number> {
    const answer = await this.socket.request({ t, d } as Message);
    return 'seq' in answer ? (answer.seq ?? 0) : 0;
  }

  /** watch sets the whole list of points looked at privately; it is kept over reconnects. */
  watch(points: string[]): void {
    if (points.join() === this.watched.join()) return;
    this.watched = points;
    this.sendWatch();
  }

  /** send puts a track, or none, on a sending m-line, now and after every reconnect. */
  send(kind: Kind, track: MediaStreamTrack | null): void {
    this.peer.send(kind, track);
  }

  /** report tells the server what the page plays; one that gets lost is none. */
  report(d: MediaReport): void {
    this.socket.request({ t: 'media.report', d } as Message).catch(() => undefined);
  }

  /** now is the server's time in Unix milliseconds. */
  now(): number {
    return this.socket.time.now();
  }

  /** stats are the browser's statistics of the PeerConnection, if there is one. */
  stats(): Promise<RTCStatsReport | undefined> {
    return this.peer.connection?.getStats() ?? Promise.resolve(undefined);
  }

  /** remake gives up the PeerConnection and makes a new one, for a picture that stands still though its line is up. */
  remake(): void {
    this.peer.remake();
  }

  /** reopen begins a new session that shows at most so many pictures. An open microphone closes with the old one. */
  reopen(maxTiles: number): void {
    this.options = { ...this.options, maxTiles };
    this.peer.stop();
    this.welcomed = undefined;
    this.started = false;
    this.socket.reopen();
  }

  /** close ends the session. */
  close(): void {
    this.peer.stop();
    this.socket.close();
  }

  private hello() {
    const { token, device, maxTiles, screen } = this.options;
    const resume = this.peer.resumable ? this.welcomed?.session : undefined;
    return { token, device, maxTiles, ...screen, ...(resume && { resume }) };
  }

  private async offer(sdp: string): Promise<string> {
    const answer = await this.socket.request({ t: 'media.offer', d: { sdp } });
    return answer.t === 'media.answer' ? answer.d.sdp : '';
  }

  private welcome(w: Welcome): void {
    this.welcomed = w;
    if (w.resumed) this.peer.resumed();
    else this.started = false;
    this.on.welcome(w);
    if (this.watched.length) this.sendWatch();
  }

  private pushed(m: Parameters<ConstructorParameters<typeof Socket>[1]['pushed']>[0]): void {
    switch (m.t) {
      case 'view':
        this.follow(m.d, true);
        return this.on.view(m.d, m.seq ?? 0);
      case 'patch':
        this.follow(m.d, false);
        return this.on.patch(m.d, m.seq ?? 0);
      case 'gate':
        return this.on.gate(m.d);
      case 'publish':
        this.peer.publish(m.d);
        return this.on.publish(m.d);
      case 'slot.live':
        return this.on.slotLive(m.d);
      case 'quality':
        return this.on.quality?.(m.d);
      case 'error':
        return this.on.refused(m.d);
    }
  }

  /** There is media exactly while there is an open meeting to carry. */
  private follow(v: View, whole: boolean): void {
    if (this.options.media === false) return;
    if (v.meeting) this.wanted = v.meeting.status === 'open';
    else if (whole || v.idle) this.wanted = false;
    if (this.wanted && !this.started && this.welcomed) {
      const { limits, you } = this.welcomed;
      const video = Math.min(this.options.maxTiles, limits.maxTiles);
      const send = this.options.send && you.role === 'room';
      this.peer.start({ send, video, voices: this.options.listen ? limits.voices : 0 });
      this.started = true;
    } else if (!this.wanted && this.started) {
      this.peer.stop();
      this.started = false;
    }
  }

  private sendWatch(): void {
    // A link that is down says it again by itself when it is welcomed.
    this.socket.request({ t: 'media.watch', d: { points: this.watched } }).catch(() => undefined);
  }
}
