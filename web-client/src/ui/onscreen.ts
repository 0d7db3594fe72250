// A slot carries a new source from one frame on. The caption moves with that
// frame: not before the browser has drawn it wherever the slot is drawn.
import type { SlotLive } from '../wire';

/** Longest wait for a frame before a caption that may be wrong is taken away. */
const patience = 500;

/** Drawing hears what became of the frame that slot.live names. */
export interface Drawing {
  /** The frame is drawn wherever the slot is, or nothing draws the slot. */
  drawn(): void;
  /** The frame is late: nobody knows what each picture of the slot shows. drawn still follows. */
  late(): void;
}

/** onScreen watches for the frame that slot.live names, until it is drawn or the returned function is called. */
export function onScreen(live: SlotLive, on: Drawing): () => void {
  const watched = new Set<HTMLVideoElement>();
  const there = new Set<HTMLVideoElement>();
  let over = false;
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = () => {
    over = true;
    clearInterval(timer);
  };
  const watch = (video: HTMLVideoElement) => {
    watched.add(video);
    video.requestVideoFrameCallback((_, { rtpTimestamp }) => {
      if (over) return;
      if (rtpTimestamp !== undefined && !reached(rtpTimestamp, live.rtpTs)) return watch(video);
      there.add(video);
      look();
    });
  };
  const look = () => {
    const videos = drawing(live.slot);
    for (const video of videos) if (!watched.has(video)) watch(video);
    if (over || !videos.every((video) => there.has(video))) return;
    stop();
    on.drawn();
  };
  look();
  if (over) return stop;
  // A picture that is taken away calls back no more, so the others are looked at again.
  timer = setInterval(() => {
    look();
    if (!over) on.late();
  }, patience);
  return stop;
}

/** drawing are the pictures of a slot that can be seen and can tell their frames. */
function drawing(slot: number): HTMLVideoElement[] {
  const all = document.querySelectorAll<HTMLVideoElement>(`video[data-slot="${slot}"]:not(.away)`);
  return [...all].filter((video) => 'requestVideoFrameCallback' in video && !video.closest('[hidden]'));
}

/** reached compares RTP timestamps, which wrap at 32 bits (RFC 3550 §5.1). */
export function reached(now: number, wanted: number): boolean {
  return (now - wanted) >>> 0 < 2 ** 31;
}
