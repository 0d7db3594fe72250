// Pictures with the mark of internal/testmedia and a tone, made in the page:
// for what no file can stand in for, the screen a room shares and the camera
// of a browser that plays no files.

import type { BrowserContext } from 'playwright-core';
import { check } from './picture.ts';

/** Film is what is seen and heard, and in whose place. */
export interface Film {
  /** The number its pictures carry. */
  room: number;
  /** Its tone, in hertz. */
  hz: number;
  as: 'camera' | 'screen';
}

/** Frames with a mark of their own; then they begin again. */
const FRAMES = 256;

/** play gives every page of a browser the film where it asks for a camera and a microphone, or for a screen. */
export async function play(context: BrowserContext, { room, hz, as }: Film): Promise<void> {
  const rows = Array.from({ length: FRAMES }, (_, frame) => [(room << 8) | check({ room, frame }), frame]);
  await context.addInitScript(install, { rows, hz, as });
}

/** install runs in the page, and uses nothing from outside itself. */
function install({ rows, hz, as }: { rows: number[][]; hz: number; as: Film['as'] }): void {
  const picture = () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 360];
    const pen = canvas.getContext('2d');
    let frame = 0;
    const paint = () => {
      frame = (frame + 1) % rows.length;
      if (!pen) return;
      pen.fillStyle = '#246';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      for (const [y, row] of (rows[frame] ?? []).entries()) {
        for (let x = 0; x < 16; x++) {
          pen.fillStyle = (row >> (15 - x)) & 1 ? '#fff' : '#000';
          for (const top of [0, 160]) pen.fillRect(x * 40, top + y * 20, 40, 20);
        }
      }
    };
    setInterval(paint, 200);
    paint();
    return canvas.captureStream(5).getTracks();
  };
  const sound = () => {
    const audio = new AudioContext();
    const out = audio.createMediaStreamDestination();
    const tone = new OscillatorNode(audio, { frequency: hz });
    tone.connect(new GainNode(audio, { gain: 0.3 })).connect(out);
    tone.start();
    return out.stream.getTracks();
  };
  const give = async (wanted: MediaStreamConstraints = {}) =>
    new MediaStream([...(wanted.video ? picture() : []), ...(wanted.audio ? sound() : [])]);
  if (!navigator.mediaDevices) return; // the empty page before the first
  if (as === 'camera') navigator.mediaDevices.getUserMedia = give;
  else navigator.mediaDevices.getDisplayMedia = () => give({ video: true, audio: true });
}
