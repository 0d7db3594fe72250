import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Capture } from './capture';

/** Track is a track that remembers whether it was stopped. */
class Track {
  stopped = false;
  enabled = true;
  readyState = 'live';
  constructor(
    readonly kind: 'video' | 'audio',
    readonly of: string,
  ) {}
  addEventListener() {}
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
const camera = () => (capture.camera.value as unknown as Track | null)?.of;
const microphone = () => (capture.microphone.value as unknown as Track | null)?.of;

beforeEach(() => {
  answers = [];
  const getUserMedia = () => new Promise<Stream>((resolve, reject) => answers.push({ resolve, reject }));
  vi.stubGlobal('MediaStream', Stream);
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia, enumerateDevices: async () => [] } });
  localStorage.clear();
  capture = new Capture();
});
afterEach(() => vi.unstubAllGlobals());

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
