// A slot carries a new source from one frame on. The caption moves with that
// frame: not before the browser has drawn it.
import type { SlotLive } from '../wire';

/** Longest wait for a frame nobody may be drawing, as in a hidden tab. */
const patience = 500;

type Framed = HTMLVideoElement & {
  requestVideoFrameCallback?(f: (now: number, frame: { rtpTimestamp?: number }) => void): number;
};

/** onScreen calls back once the frame is drawn that slot.live names, or at once where nothing draws the slot. */
export function onScreen(live: SlotLive, then: () => void): void {
  const video = document.querySelector<Framed>(`video[data-slot="${live.slot}"]:not(.away)`);
  if (!video?.requestVideoFrameCallback) {
    then();
    return;
  }
  let done = false;
  const finish = () => {
    if (!done) then();
    done = true;
  };
  const timer = setTimeout(finish, patience);
  const look = () =>
    video.requestVideoFrameCallback?.((_, { rtpTimestamp }) => {
      if (done) return;
      if (rtpTimestamp !== undefined && !reached(rtpTimestamp, live.rtpTs)) {
        look();
        return;
      }
      clearTimeout(timer);
      finish();
    });
  look();
}

/** reached compares RTP timestamps, which wrap at 32 bits (RFC 3550 §5.1). */
export function reached(now: number, wanted: number): boolean {
  return (now - wanted) >>> 0 < 2 ** 31;
}
