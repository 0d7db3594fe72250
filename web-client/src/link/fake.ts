// Stand-ins for what a browser gives the link: a server's socket and a
// PeerConnection. Tests only.
import type { View, Welcome } from '../wire';

type Sent = { t: string; id: number; d: Record<string, unknown> };

/** FakeSocket is a WebSocket whose server is the test. */
export class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((e: { data: string }) => void) | null = null;
  readonly sent: Sent[] = [];
  closed = false;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    FakeSocket.all.push(this);
  }

  static get last(): FakeSocket {
    const last = FakeSocket.all[FakeSocket.all.length - 1];
    if (!last) throw new Error('no socket was opened');
    return last;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Sent);
  }

  close(): void {
    this.closed = true;
  }

  /** say sends a frame of the server. */
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** greet opens the socket and welcomes the page. */
  greet(more: Partial<Welcome> = {}): void {
    this.onopen?.();
    const hello = this.sent[this.sent.length - 1];
    this.say({ t: 'welcome', re: hello?.id, d: { ...welcome, ...more } });
  }

  /** found gives the last message of a kind. */
  found(t: string): Sent | undefined {
    return this.sent.filter((m) => m.t === t).pop();
  }
}

const welcome: Welcome = {
  you: { role: 'room', point: 'hg-03' },
  session: 's1',
  limits: { maxTiles: 9, voices: 6, frameBytes: 262_144, watch: 25 },
  nowMs: 0,
  version: 'test',
  icePort: 10000,
};

/** open is a view with an open meeting. */
export const open: View = {
  meeting: {
    id: 'm',
    title: 'Giao ban',
    hostUnit: 'UBND tỉnh',
    status: 'open',
    phase: 'open',
    startsAtMs: 0,
    chairPoint: 'hg-01',
    points: 2,
    present: 2,
  },
};

/** FakePeer is a PeerConnection that agrees to everything and connects when told. */
export class FakePeer {
  static all: FakePeer[] = [];
  connectionState = 'new';
  onconnectionstatechange: (() => void) | null = null;
  localDescription: { sdp: string } | undefined;
  readonly lines: {
    media: string;
    direction: string;
    track: unknown;
    parameters: { encodings: { active?: boolean; scaleResolutionDownBy?: number }[] };
    packetsSent: number;
  }[] = [];
  readonly answers: string[] = [];
  restarts = 0;

  constructor() {
    FakePeer.all.push(this);
  }

  static get last(): FakePeer {
    const last = FakePeer.all[FakePeer.all.length - 1];
    if (!last) throw new Error('no connection was made');
    return last;
  }

  addTransceiver(media: string, init: { direction: string; sendEncodings?: object[] }) {
    const encodings = (init.sendEncodings ?? []).map((e) => ({ ...e }));
    const line = {
      media,
      direction: init.direction,
      track: null as unknown,
      parameters: { encodings },
      packetsSent: 0,
    };
    this.lines.push(line);
    return {
      receiver: { track: { kind: media } },
      sender: {
        replaceTrack: async (track: unknown) => {
          line.track = track;
        },
        getParameters: () => line.parameters,
        setParameters: async (p: typeof line.parameters) => {
          line.parameters = p;
        },
        getStats: async () => new Map([['out', { type: 'outbound-rtp', packetsSent: line.packetsSent }]]),
      },
    };
  }

  async createOffer({ iceRestart }: { iceRestart: boolean }) {
    if (iceRestart) this.restarts++;
    return { type: 'offer', sdp: 'offer' };
  }

  async setLocalDescription(d: { sdp: string }) {
    this.localDescription = d;
  }

  async setRemoteDescription(d: { sdp: string }) {
    this.answers.push(d.sdp);
  }

  async getStats() {
    return new Map<string, { type: string }>();
  }

  close(): void {
    this.connectionState = 'closed';
  }

  /** become changes the connection's state. */
  become(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}
