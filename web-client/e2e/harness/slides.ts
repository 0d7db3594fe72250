// A presentation: what a screen would show and sound, in place of the chooser
// that only a person can answer. Its pictures carry the mark of
// internal/testmedia, so that a tile can be read as any other.

import type { BrowserContext } from 'playwright-core';
import { check } from './picture.ts';

/** The number the slides carry, which no point has. */
export const SLIDES = 200;
/** Their tone, which no room has, in hertz. */
export const SLIDES_HZ = 700;

/** Frames with a mark of their own; then they begin again. */
const FRAMES = 256;

/** bringSlides lets every page of a room's machine present them. */
export async function bringSlides(context: BrowserContext): Promise<void> {
  const rows = Array.from({ length: FRAMES }, (_, frame) => [(SLIDES << 8) | check({ room: SLIDES, frame }), frame]);
  await context.addInitScript(present, { rows, hz: SLIDES_HZ });
}

/** present runs in the page. */
function present({ rows, hz }: { rows: number[][]; hz: number }): void {
  navigator.mediaDevices.getDisplayMedia = async () => {
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
    const audio = new AudioContext();
    const out = audio.createMediaStreamDestination();
    const tone = new OscillatorNode(audio, { frequency: hz });
    tone.connect(new GainNode(audio, { gain: 0.3 })).connect(out);
    tone.start();
    return new MediaStream([...canvas.captureStream(5).getTracks(), ...out.stream.getTracks()]);
  };
}
