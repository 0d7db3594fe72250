import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Backoff } from './backoff';
import { FakePeer, FakeSocket, open } from './fake';
import { Link, type LinkHandler, Refusal } from './link';
import { tuneOpus } from './sdp';

const heard = () => {
  const states: string[] = [];
  const media: string[] = [];
  const refusals: string[] = [];
  const handler: LinkHandler = {
    socket: (s, why) => states.push(why ? `${s} ${why.code}` : s),
    media: (s) => media.push(s),
    welcome: () => undefined,
    view: () => undefined,
    patch: () => undefined,
    gate: () => undefined,
    publish: () => undefined,
    slotLive: () => undefined,
    streams: vi.fn(),
    refused: (r) => refusals.push(r.code),
  };
  return { handler, states, media, refusals };
};
const options = { url: 'ws://here/api/v1/bridge', token: 'T', device: 'D', maxTiles: 9, send: true, listen: true };
const settle = () => vi.advanceTimersByTimeAsync(0);

let link: Link;
let on: ReturnType<typeof heard>;

/** start opens a link whose server has welcomed it into an open meeting. */
async function start(): Promise<void> {
  FakeSocket.last.greet();
  FakeSocket.last.say({ t: 'view', seq: 1, d: open });
  await settle();
  FakeSocket.last.say({ t: 'media.answer', re: FakeSocket.last.found('media.offer')?.id, d: { sdp: 'answer' } });
  await settle();
}

/** drop loses the socket and comes to the next one. */
async function drop(): Promise<FakeSocket> {
  const before = FakeSocket.last;
  before.onclose?.();
  await vi.advanceTimersByTimeAsync(11_000);
  expect(FakeSocket.last).not.toBe(before);
  return FakeSocket.last;
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  FakePeer.all = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('RTCPeerConnection', FakePeer);
  vi.stubGlobal('RTCRtpReceiver', {});
  vi.stubGlobal('MediaStream', class {});
  on = heard();
  link = new Link(options, on.handler);
});
afterEach(() => {
  link.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the socket', () => {
  it('greets first, with the token and the device', () => {
    FakeSocket.last.onopen?.();
    expect(FakeSocket.last.protocol).toBe('bridge.v1');
    expect(FakeSocket.last.sent).toEqual([{ t: 'hello', id: 1, d: { token: 'T', device: 'D', maxTiles: 9 } }]);
  });

  it('gives a silent server up after six seconds and tries again', async () => {
    FakeSocket.last.greet();
    await vi.advanceTimersByTimeAsync(5900);
    FakeSocket.last.say({ t: 'tick', d: { nowMs: 1 } });
    await vi.advanceTimersByTimeAsync(5900);
    expect(on.states).toEqual(['connecting', 'up']);
    await vi.advanceTimersByTimeAsync(200);
    expect(on.states).toEqual(['connecting', 'up', 'lost']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('stays away when the server closes it for good', async () => {
    FakeSocket.last.onopen?.();
    FakeSocket.last.say({ t: 'error', re: 1, d: { code: 'token.invalid', closed: true } });
    expect(on.states).toContain('refused token.invalid');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('hands on an error nobody asked for', async () => {
    await start();
    FakeSocket.last.say({ t: 'error', d: { code: 'session.slow' } });
    expect(on.refusals).toEqual(['session.slow']);
  });
});

describe('a command', () => {
  it('is answered once, by its id', async () => {
    await start();
    const first = link.command('floor.request', { floor: 'speech' });
    const second = link.command('mic.on', {});
    const [a, b] = FakeSocket.last.sent.slice(-2);
    FakeSocket.last.say({ t: 'error', re: b?.id, d: { code: 'floor.not_granted' } });
    FakeSocket.last.say({ t: 'ok', re: a?.id, seq: 42 });
    FakeSocket.last.say({ t: 'ok', re: a?.id, seq: 43 });
    await expect(first).resolves.toBe(42);
    await expect(second).rejects.toMatchObject({ code: 'floor.not_granted' });
  });

  it('is refused at once while the link is down', async () => {
    await expect(link.command('mic.on', {})).rejects.toEqual(new Refusal('socket.lost'));
  });

  it('is asked again, under the same id, when the session goes on', async () => {
    await start();
    const answer = link.command('floor.request', { floor: 'speech' });
    const asked = FakeSocket.last.found('floor.request');
    FakeSocket.last.onclose?.();
    await vi.advanceTimersByTimeAsync(700);
    FakeSocket.last.greet({ resumed: true });
    expect(FakeSocket.last.found('floor.request')).toEqual(asked);
    FakeSocket.last.say({ t: 'ok', re: asked?.id, seq: 7 });
    await expect(answer).resolves.toBe(7);
  });

  it('is refused when another session answers', async () => {
    await start();
    const answer = link.command('mic.on', {});
    FakeSocket.last.onclose?.();
    await vi.advanceTimersByTimeAsync(700);
    FakeSocket.last.greet({ session: 's2' });
    await expect(answer).rejects.toMatchObject({ code: 'socket.lost' });
    expect(FakeSocket.last.found('mic.on')).toBeUndefined();
  });

  it('is given up after ten seconds without an answer', async () => {
    await start();
    const answer = expect(link.command('mic.on', {})).rejects.toMatchObject({ code: 'link.timeout' });
    for (let s = 0; s < 11; s++) {
      FakeSocket.last.say({ t: 'tick', d: { nowMs: 1 } });
      await vi.advanceTimersByTimeAsync(1000);
    }
    await answer;
  });
});

describe('the connection', () => {
  it('has its lines in the order of the protocol', async () => {
    await start();
    const lines = FakePeer.last.lines.map((l) => `${l.direction} ${l.media}`);
    expect(lines).toEqual([
      'sendonly video',
      'sendonly audio',
      'sendonly video',
      'sendonly audio',
      ...Array(9).fill('recvonly video'),
      ...Array(6).fill('recvonly audio'),
    ]);
  });

  it('sends nothing for an observer, who only looks on', async () => {
    FakeSocket.last.greet({ you: { role: 'observer' } });
    FakeSocket.last.say({ t: 'view', seq: 1, d: open });
    await settle();
    const lines = FakePeer.last.lines.map((l) => `${l.direction} ${l.media}`);
    expect(lines).toEqual([...Array(9).fill('recvonly video'), ...Array(6).fill('recvonly audio')]);
  });

  it('is made for a meeting and closed with it', async () => {
    FakeSocket.last.greet();
    FakeSocket.last.say({ t: 'view', seq: 1, d: { idle: {} } });
    await settle();
    expect(FakePeer.all).toHaveLength(0);
    FakeSocket.last.say({ t: 'view', seq: 2, d: open });
    expect(FakePeer.all).toHaveLength(1);
    FakeSocket.last.say({ t: 'view', seq: 3, d: { idle: {} } });
    expect(FakePeer.last.connectionState).toBe('closed');
  });

  it('goes on over a short loss of the socket', async () => {
    await start();
    FakePeer.last.become('connected');
    const socket = await drop();
    socket.onopen?.();
    expect(socket.found('hello')?.d.resume).toBe('s1');
    socket.say({
      t: 'welcome',
      re: socket.found('hello')?.id,
      d: { session: 's1', resumed: true, limits: {}, nowMs: 0 },
    });
    socket.say({ t: 'view', seq: 2, d: open });
    expect(FakePeer.all).toHaveLength(1);
    expect(FakePeer.last.restarts).toBe(0);
  });

  it('is made anew when the server no longer has it', async () => {
    await start();
    FakePeer.last.become('connected');
    const socket = await drop();
    socket.greet({ session: 's2' });
    socket.say({ t: 'view', seq: 2, d: open });
    expect(FakePeer.all).toHaveLength(2);
    expect(FakePeer.all[0]?.connectionState).toBe('closed');
  });

  it('restarts ICE after two seconds of silence, and is made anew when that fails', async () => {
    await start();
    FakePeer.last.become('connected');
    FakePeer.last.become('disconnected');
    await vi.advanceTimersByTimeAsync(1900);
    expect(FakePeer.last.restarts).toBe(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(FakePeer.last.restarts).toBe(1);
    expect(on.media[on.media.length - 1]).toBe('lost');
    FakePeer.last.become('failed');
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakePeer.all).toHaveLength(2);
  });

  it('that has never come up is called blocked, and stays so while it is tried again', async () => {
    await start();
    FakePeer.last.become('failed');
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakePeer.all).toHaveLength(2);
    expect(on.media.slice(-2)).toEqual(['blocked', 'blocked']);
  });

  it('keeps its tracks over a new connection', async () => {
    const track = { kind: 'video' } as MediaStreamTrack;
    link.send('camera', track);
    await start();
    expect(FakePeer.last.lines[0]?.track).toBe(track);
    FakePeer.last.become('failed');
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakePeer.last.lines[0]?.track).toBe(track);
  });

  it('stops encoding what nobody watches', async () => {
    await start();
    FakeSocket.last.say({ t: 'publish', d: { camera: false, content: true } });
    const active = () => FakePeer.last.lines.slice(0, 3).map((l) => l.parameters.encodings[0]?.active);
    expect(active()).toEqual([false, undefined, true]);
    FakeSocket.last.say({ t: 'publish', d: { camera: true, content: false } });
    expect(active()).toEqual([true, undefined, false]);
  });

  it("encodes the camera's layers that are asked for", async () => {
    await start();
    const active = () => FakePeer.last.lines[0]?.parameters.encodings.map((e) => e.active);
    FakeSocket.last.say({ t: 'publish', d: { camera: true, content: false, layers: ['q', 'f'] } });
    expect(active()).toEqual([true, false, true]);
    FakeSocket.last.say({ t: 'publish', d: { camera: false, content: false } });
    expect(active()).toEqual([false, false, false]);
    FakeSocket.last.say({ t: 'publish', d: { camera: true, content: false } });
    expect(active()).toEqual([true, true, true]);
  });

  it('sends the smallest of every new camera line until one has gone out, watched or not', async () => {
    link.send('camera', { kind: 'video' } as MediaStreamTrack);
    await start();
    const active = () => FakePeer.last.lines[0]?.parameters.encodings.map((e) => e.active);
    FakeSocket.last.say({ t: 'publish', d: { camera: false, content: false } });
    await vi.advanceTimersByTimeAsync(10_000); // there is no way yet
    expect(active()).toEqual([true, false, false]);
    FakePeer.last.become('connected');
    await vi.advanceTimersByTimeAsync(10_000); // a busy machine takes its time
    expect(active()).toEqual([true, false, false]);
    const camera = FakePeer.last.lines[0];
    if (camera) camera.packetsSent = 1;
    await vi.advanceTimersByTimeAsync(1100);
    expect(active()).toEqual([false, false, false]);
  });

  it('makes the last layer of a small camera its full width', async () => {
    await start();
    const scales = () => FakePeer.last.lines[0]?.parameters.encodings.map((e) => e.scaleResolutionDownBy);
    const sized = (width: number, height: number) =>
      ({ kind: 'video', getSettings: () => ({ width, height }) }) as unknown as MediaStreamTrack;
    expect(scales()).toEqual([4, 2, 1]);
    link.send('camera', sized(640, 480));
    expect(scales()).toEqual([2, 1, 1]);
    link.send('camera', sized(320, 180));
    expect(scales()).toEqual([1, 1, 1]);
    link.send('camera', sized(1920, 1080));
    expect(scales()).toEqual([4, 2, 1]);
  });
});

describe('the private look', () => {
  it('is said again after every welcome', async () => {
    await start();
    link.watch(['hg-05']);
    expect(FakeSocket.last.found('media.watch')?.d).toEqual({ points: ['hg-05'] });
    const socket = await drop();
    socket.greet({ session: 's2' });
    expect(socket.found('media.watch')?.d).toEqual({ points: ['hg-05'] });
  });
});

describe('the clock', () => {
  it('follows the frame that took the least time', () => {
    vi.setSystemTime(1000);
    FakeSocket.last.greet({ nowMs: 5000 });
    expect(link.now()).toBe(5000);
    vi.setSystemTime(2000);
    FakeSocket.last.say({ t: 'tick', d: { nowMs: 5700 } });
    expect(link.now()).toBe(6000);
    FakeSocket.last.say({ t: 'tick', d: { nowMs: 6100 } });
    expect(link.now()).toBe(6100);
  });
});

describe('the backoff', () => {
  it('doubles to three seconds, within its jitter, and starts again', () => {
    const backoff = new Backoff();
    for (const base of [500, 1000, 2000, 3000, 3000]) {
      const delay = backoff.next();
      expect(delay).toBeGreaterThanOrEqual(base * 0.7);
      expect(delay).toBeLessThanOrEqual(base * 1.3);
    }
    backoff.reset();
    expect(backoff.next()).toBeLessThanOrEqual(650);
  });
});

describe('tuneOpus', () => {
  it('asks for silence and repair on Opus lines and leaves the rest', () => {
    const sdp = [
      'm=audio 9 UDP/TLS/RTP/SAVPF 111',
      'a=rtpmap:111 opus/48000/2',
      'a=fmtp:111 minptime=10;useinbandfec=0',
      'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
      'a=rtpmap:96 VP8/90000',
      'a=fmtp:97 apt=96',
      '',
    ].join('\r\n');
    const tuned = tuneOpus(sdp).split('\r\n');
    expect(tuned[2]).toBe('a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000');
    expect(tuned[5]).toBe('a=fmtp:97 apt=96');
    expect(tuned).toHaveLength(7);
  });
});
