// Points that send films of a bitrate known beforehand, in the three sizes of a
// camera: encoded once, so that many cost next to nothing while they play.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Bridge } from './bridge.ts';
import { ARTIFACTS } from './capture.ts';
import type { Cleanup } from './cleanup.ts';
import { pointOf } from './points.ts';

const SIZES = [
  { rid: 'q', size: '320x180', rate: '90k' },
  { rid: 'h', size: '640x360', rate: '330k' },
  { rid: 'f', size: '1280x720', rate: '1100k' },
];

/** playFilms lets the points with these numbers send films, and speak when they are invited, until the cleanup. */
export async function playFilms(cleanup: Cleanup, bridge: Bridge, numbers: number[]): Promise<void> {
  const binary = join(ARTIFACTS, 'loadtest');
  const cwd = resolve(import.meta.dirname, '../../..');
  execFileSync('go', ['build', '-o', binary, './cmd/loadtest'], { cwd, stdio: 'inherit' });
  const films = SIZES.map(({ rid, size, rate }) => `--films=${rid}=${film(rid, size, rate)}`);
  const points = numbers.map((n) => {
    const token = new URLSearchParams(new URL(bridge.roomLink(n)).hash.slice(1)).get('t');
    return `${pointOf(n).id}=${token}`;
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
function film(rid: string, size: string, rate: string): string {
  const file = join(ARTIFACTS, 'films', `${rid}.ivf`);
  if (existsSync(file)) return file;
  mkdirSync(join(ARTIFACTS, 'films'), { recursive: true });
  const made = `${file}.part`;
  const picture = `testsrc2=size=640x360:rate=15,noise=alls=12:allf=t+u,scale=${size.replace('x', ':')}`;
  const speed = ['-deadline', 'realtime', '-cpu-used', '6', '-auto-alt-ref', '0', '-lag-in-frames', '0'];
  const steady = ['-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate, '-g', '30', '-keyint_min', '30'];
  const options = [
    '-f',
    'lavfi',
    '-i',
    picture,
    '-t',
    '8',
    '-c:v',
    'libvpx',
    ...speed,
    ...steady,
    '-error-resilient',
    '1',
  ];
  execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...options, '-f', 'ivf', made], {
    stdio: 'inherit',
  });
  renameSync(made, file);
  return file;
}
