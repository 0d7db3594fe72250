// Points that send films of a bitrate known beforehand, in the three sizes of a
// camera: encoded once, so that many cost next to nothing while they play.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Bridge } from './bridge.ts';
import { ARTIFACTS } from './capture.ts';
import type { Cleanup } from './cleanup.ts';

/** What one camera sends: how many pictures a second, and in which sizes. */
export interface Camera {
  codec: 'vp8' | 'h264';
  /** Pictures a second. */
  rate: number;
  /** Smallest first; H.264 has one. */
  sizes: { rid: string; size: string; bits: string }[];
}

/** A camera in the three sizes of a room's. */
export const CAMERA: Camera = {
  codec: 'vp8',
  rate: 15,
  sizes: [
    { rid: 'q', size: '320x180', bits: '90k' },
    { rid: 'h', size: '640x360', bits: '330k' },
    { rid: 'f', size: '1280x720', bits: '1100k' },
  ],
};

/** playFilms lets the points with these ids send films, and speak when they are invited, until the cleanup. */
export async function playFilms(cleanup: Cleanup, bridge: Bridge, ids: string[], camera = CAMERA): Promise<void> {
  const binary = join(ARTIFACTS, 'loadtest');
  const cwd = resolve(import.meta.dirname, '../../..');
  execFileSync('go', ['build', '-o', binary, './cmd/loadtest'], { cwd, stdio: 'inherit' });
  const films = camera.sizes.map(({ rid, size, bits }) => {
    const file = film(camera, size, bits);
    return `--films=${camera.codec === 'h264' ? file : `${rid}=${file}`}`;
  });
  const points = ids.map((id) => {
    const token = new URLSearchParams(new URL(bridge.linkOf(id)).hash.slice(1)).get('t');
    return `${id}=${token}`;
  });
  const url = `${bridge.url.replace('http', 'ws')}/api/v1/bridge`;
  const child = spawn(binary, ['play', `--url=${url}`, ...films, ...points], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  cleanup.add(async () => {
    if (child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  });
}

/** film is the file of one size, a moving picture with noise that takes exactly its rate. */
function film({ codec, rate }: Camera, size: string, bits: string): string {
  const file = join(ARTIFACTS, 'films', `${size}-${rate}-${bits}.${codec === 'h264' ? 'h264' : 'ivf'}`);
  if (existsSync(file)) return file;
  mkdirSync(join(ARTIFACTS, 'films'), { recursive: true });
  const made = `${file}.part`;
  const picture = `testsrc2=size=640x360:rate=${rate},noise=alls=12:allf=t+u,scale=${size.replace('x', ':')}`;
  const vp8 = '-c:v libvpx -deadline realtime -cpu-used 6 -auto-alt-ref 0 -lag-in-frames 0 -error-resilient 1 -f ivf';
  const h264 =
    '-c:v libx264 -profile:v baseline -pix_fmt yuv420p -preset veryfast -tune zerolatency -x264-params aud=1';
  const steady = `-b:v ${bits} -minrate ${bits} -maxrate ${bits} -bufsize ${bits} -g ${2 * rate} -keyint_min ${2 * rate}`;
  const options = `${steady} ${codec === 'h264' ? `${h264} -f h264` : vp8}`.split(' ');
  const input = ['-f', 'lavfi', '-i', picture, '-t', '8'];
  execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...input, ...options, made], {
    stdio: 'inherit',
  });
  renameSync(made, file);
  return file;
}
