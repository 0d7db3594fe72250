import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Capture } from './capture';

/** Track is a track that remembers whether it was stopped. */
class Track {
  stopped = false;
  enabled = true;
  readyState = 'live';
  label = 'device';
  private readonly ends: (() => void)[] = [];
  constructor(
    readonly kind: 'video' | 'audio',
    readonly of: string,
  ) {}
  addEventListener(_: string, end: () => void) {
    this.ends.push(end);
  }
  getSettings() {
    return { deviceId: this.of };
  }
  /** pulled is a device pulled out of the machine. */
  pulled() {
    this.readyState = 'ended';
    for (const end of this.ends) end();
  }
  clone() {
    return new Track(this.kind, this.of);
  }
  stop() {
    this.stopped = true;
  }
}

class Stream {
  constructor(readonly tracks: Track[]) {}
  getTracks() {
    return this.tracks;
  }
  getVideoTracks() {
    return this.tracks.filter((t) => t.kind === 'video');
  }
  getAudioTracks() {
    return this.tracks.filter((t) => t.kind === 'audio');
  }
}

const devices = (of: string) => new Stream([new Track('video', of), new Track('audio', of)]);

vi.mock('./testpicture', () => ({
  startTestPicture: () => {
    const [video, audio] = devices('test').tracks;
    return { video, audio, wake: () => undefined, stop: () => undefined };
  },
}));

/** Answers are the browser's open questions for devices, in their order. */
let answers: { resolve(s: Stream): void; reject(why: Error): void }[];
let capture: Capture;
/** There are the devices the machine has now. */
let there: { kind: string; deviceId: string }[];
let alerts: string[];
const camera = () => (capture.camera.value as unknown as Track | null)?.of;
const microphone = () => (capture.microphone.value as unknown as Track | null)?.of;

beforeEach(() => {
  vi.useFakeTimers();
  answers = [];
  const getUserMedia = () => new Promise<Stream>((resolve, reject) => answers.push({ resolve, reject }));
  vi.stubGlobal('MediaStream', Stream);
  vi.stubGlobal('isSecureContext', true);
  there = [];
  alerts = [];
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia, enumerateDevices: async () => there } });
  localStorage.clear();
  capture = new Capture((a) => alerts.push(`${a.kind} ${a.what}`));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('devices', () => {
  it('are taken when the browser grants them', async () => {
    const opened = capture.useDevices();
    answers[0]?.resolve(devices('room'));
    await opened;
    expect([camera(), microphone(), capture.trouble.value]).toEqual(['room', 'room', null]);
  });

  it('that are granted too late leave the test picture, and are closed', async () => {
    const opened = capture.useDevices();
    capture.useTest('UBND huyện', 3);
    const late = devices('room');
    answers[0]?.resolve(late);
    await opened;
    expect([camera(), microphone(), capture.test.value]).toEqual(['test', 'test', true]);
    expect(late.tracks.map((t) => t.stopped)).toEqual([true, true]);
  });

  it('that are refused too late leave the test picture, and no trouble', async () => {
    const opened = capture.useDevices();
    capture.useTest('UBND huyện', 3);
    answers[0]?.reject(new DOMException('', 'NotAllowedError'));
    await opened;
    expect([camera(), microphone(), capture.trouble.value]).toEqual(['test', 'test', null]);
  });

  it('are the last chosen, in whatever order they are granted', async () => {
    const both = [capture.useDevices({ camera: 'a' }), capture.useDevices({ camera: 'b' })];
    const first = devices('a');
    answers[1]?.resolve(devices('b'));
    answers[0]?.resolve(first);
    await Promise.all(both);
    expect([camera(), microphone()]).toEqual(['b', 'b']);
    expect(first.tracks.map((t) => t.stopped)).toEqual([true, true]);
  });
});

describe('a device', () => {
  const list = (...ids: string[]) => {
    there = ids.flatMap((id) => ['videoinput', 'audioinput'].map((kind) => ({ kind, deviceId: id })));
  };
  const later = () => vi.advanceTimersByTimeAsync(5000);
  const opened = async (of: string) => {
    const opening = capture.useDevices();
    const stream = devices(of);
    answers.shift()?.resolve(stream);
    await opening;
    return stream;
  };

  it('that is pulled out is said to be gone, and taken again when it is back', async () => {
    list('room');
    const [video] = (await opened('room')).tracks;
    there = there.filter((d) => d.kind === 'audioinput');
    video?.pulled();
    expect([camera(), microphone(), capture.trouble.value]).toEqual([undefined, 'room', 'ended']);
    await later();
    expect(answers, 'nothing is asked for what is not there').toEqual([]);
    list('room');
    await later();
    answers[0]?.resolve(new Stream([new Track('video', 'room')]));
    await later();
    expect([camera(), microphone(), capture.trouble.value]).toEqual(['room', 'room', null]);
    expect(alerts).toEqual(['camera lost', 'camera back']);
  });

  it('that is back is not yet heard', async () => {
    list('room');
    const [, audio] = (await opened('room')).tracks;
    capture.open.value = true;
    audio?.pulled();
    capture.open.value = false;
    await later();
    answers[0]?.resolve(new Stream([new Track('audio', 'room')]));
    await later();
    expect(microphone()).toBe('room');
    expect(capture.microphone.value?.enabled).toBe(false);
  });

  it('that is still in use elsewhere is tried again', async () => {
    list('room');
    const [video] = (await opened('room')).tracks;
    video?.pulled();
    await later();
    answers.shift()?.reject(new DOMException('', 'NotReadableError'));
    await later();
    expect(answers).toHaveLength(1);
    expect(capture.trouble.value).toBe('ended');
  });

  it('that stands in for the fixed one is told of, and left when that one is back', async () => {
    localStorage.setItem('giaoban.camera', 'fixed');
    list('other');
    await opened('other');
    expect(alerts).toEqual(['camera other']);
    list('other', 'fixed');
    await later();
    answers[0]?.resolve(new Stream([new Track('video', 'fixed')]));
    await later();
    expect([camera(), microphone()]).toEqual(['fixed', 'other']);
  });

  it('that was refused is not asked for again without permission', async () => {
    list('room');
    const opening = capture.useDevices();
    answers.shift()?.reject(new DOMException('', 'NotAllowedError'));
    await opening;
    await later();
    expect(answers).toEqual([]);
    expect(capture.trouble.value).toBe('refused');
  });
});
