import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setStage } from '../page/stage';
import { Stills } from './still';

const posts: { url: string; init: RequestInit }[] = [];
let answer: () => Response;
let size = 4000;

beforeEach(() => {
  vi.useFakeTimers();
  setStage();
  vi.spyOn(Math, 'random').mockReturnValue(1);
  posts.length = 0;
  size = 4000;
  answer = () => new Response('{"afterMs":8000}');
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    posts.push({ url, init });
    return answer();
  });
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue(undefined);
  const pen = { drawImage: () => undefined } as unknown as CanvasRenderingContext2D;
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(pen as never);
  vi.spyOn(HTMLCanvasElement.prototype, 'toBlob').mockImplementation((done) => done(new Blob([new Uint8Array(size)])));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const camera = {} as MediaStream;

describe('the stills of a room', () => {
  it('are posted as the room, when the server wants them', async () => {
    const stills = new Stills('T', () => camera);
    await vi.advanceTimersByTimeAsync(5000);
    expect(posts.map((p) => p.url)).toEqual(['/api/v1/snapshot']);
    expect(posts[0]?.init.headers).toMatchObject({ authorization: 'Bearer T' });
    await vi.advanceTimersByTimeAsync(7000);
    expect(posts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(posts).toHaveLength(2);
    stills.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(posts).toHaveLength(2);
  });

  it('wait after a refusal, and need a camera', async () => {
    let on = false;
    answer = () => new Response('', { status: 429 });
    const stills = new Stills('T', () => (on ? camera : null));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(posts).toHaveLength(0);
    on = true;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(posts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(14_000);
    expect(posts).toHaveLength(1);
    stills.stop();
  });

  it('are not posted when they are too large', async () => {
    size = 10_241;
    const stills = new Stills('T', () => camera);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(posts).toHaveLength(0);
    stills.stop();
  });
});
