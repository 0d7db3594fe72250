// The test picture ("Hình thử"): a clock that moves, the unit's name and a
// tone, for rooms without a camera and for several rooms on one laptop. It is
// drawn in a worker where the browser allows, so that it keeps moving in a tab
// nobody looks at.
import { draw, frameMs, type Subject, size } from './testframe';

/** TestPicture is its two tracks and how to end them. */
export interface TestPicture {
  video: MediaStreamTrack;
  audio: MediaStreamTrack | null;
  /** wake starts the tone, which browsers hold back until a press. */
  wake(): void;
  stop(): void;
}

type Generator = MediaStreamTrack & { writable: WritableStream<VideoFrame> };
declare const MediaStreamTrackGenerator: { new (init: { kind: 'video' }): Generator } | undefined;

/** startTestPicture begins a test picture. */
export function startTestPicture(subject: Subject): TestPicture {
  const picture = typeof MediaStreamTrackGenerator === 'undefined' ? drawnHere(subject) : drawnInWorker(subject);
  const tone = startTone(subject.number);
  return {
    video: picture.track,
    audio: tone?.track ?? null,
    wake: () => void tone?.context.resume(),
    stop: () => {
      picture.stop();
      void tone?.context.close();
    },
  };
}

function drawnInWorker(subject: Subject): { track: MediaStreamTrack; stop(): void } {
  const track = new (MediaStreamTrackGenerator as NonNullable<typeof MediaStreamTrackGenerator>)({ kind: 'video' });
  const worker = new Worker(new URL('./testpicture.worker.ts', import.meta.url), { type: 'module' });
  worker.postMessage({ subject, writable: track.writable }, [track.writable]);
  return {
    track,
    stop: () => {
      worker.terminate();
      track.stop();
    },
  };
}

function drawnHere(subject: Subject): { track: MediaStreamTrack; stop(): void } {
  const canvas = document.createElement('canvas');
  canvas.width = size.width;
  canvas.height = size.height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no 2d canvas');
  const timer = setInterval(() => draw(context, subject, Date.now()), frameMs);
  const [track] = canvas.captureStream(1000 / frameMs).getVideoTracks();
  if (!track) throw new Error('no canvas track');
  return {
    track,
    stop: () => {
      clearInterval(timer);
      track.stop();
    },
  };
}

/** A soft tone, half a second in two, of the room's own pitch. */
function startTone(number: number): { track: MediaStreamTrack; context: AudioContext } | undefined {
  const context = new AudioContext();
  const tone = context.createOscillator();
  tone.frequency.value = 330 + 20 * (number % 30);
  const beat = context.createOscillator();
  beat.type = 'square';
  beat.frequency.value = 0.5;
  const depth = context.createGain();
  depth.gain.value = 0.04;
  const loudness = context.createGain();
  loudness.gain.value = 0.04;
  beat.connect(depth).connect(loudness.gain);
  const out = context.createMediaStreamDestination();
  tone.connect(loudness).connect(out);
  tone.start();
  beat.start();
  const track = out.stream.getAudioTracks()[0];
  return track && { track, context };
}
