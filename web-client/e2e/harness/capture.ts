// The files that stand in for a room's camera and microphone, made by
// internal/testmedia: a picture that carries the number of the point in
// machine-readable form, and a tone of a frequency of its own.

import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

/** One room's capture files. */
export interface Capture {
  camera: string;
  microphone: string;
}

/** Where everything the journeys make is kept. */
export const ARTIFACTS = resolve(import.meta.dirname, '../.artifacts');

/** The numbers of the points that join with a camera. */
export const FILMED = [1, 2, 3, 4, 5];

/** The frequency by which a room's sound is known, in hertz. */
export function toneHz(number: number): number {
  return 300 + 20 * number;
}

/** captureOf is the pair of files of the room with this number. */
export function captureOf(number: number): Capture {
  const stem = join(ARTIFACTS, `cam-${number}`);
  return { camera: `${stem}.y4m`, microphone: `${stem}.wav` };
}

/** makeCaptures films every room; few small pictures a second keep five encoders, and twenty decoders, on two slow cores. */
export function makeCaptures(): void {
  make('-width', '320', '-height', '180', '-fps', '8', '-rooms', FILMED.join());
}

/** makeLarge films one room at the size its layers need, and gives its files. */
export function makeLarge(number: number): Capture {
  const dir = join(ARTIFACTS, 'large');
  make('-width', '1280', '-height', '720', '-fps', '10', '-rooms', String(number), '-dir', dir); // the last directory counts
  return { camera: join(dir, `cam-${number}.y4m`), microphone: join(dir, `cam-${number}.wav`) };
}

/** lookOf is the pair of files of an unmarked meeting room, for pictures people look at. */
export function lookOf(number: number): Capture {
  const stem = join(ARTIFACTS, `look-${number}`);
  return { camera: `${stem}.y4m`, microphone: `${stem}.wav` };
}

/** makeLooks films the unmarked rooms. */
export function makeLooks(): void {
  make('-width', '1280', '-height', '720', '-fps', '10', '-looks');
}

function make(...args: string[]): void {
  execFileSync('go', ['run', './internal/testmedia/make', '-dir', ARTIFACTS, ...args], {
    cwd: resolve(import.meta.dirname, '../../..'),
    stdio: 'inherit',
  });
}
