// A loudspeaker nobody hears: Firefox runs no sound on a machine that has none,
// so it gets PulseAudio with a null sink, of its own and gone with the test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { until } from './wait.ts';

/** loudspeaker starts one until the cleanup, and gives what PULSE_SERVER is to be. */
export async function loudspeaker(cleanup: Cleanup): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'giaoban-sound-'));
  cleanup.add(() => rmSync(home, { recursive: true, force: true }));
  const socket = join(home, 'native');
  const args = ['-n', '--daemonize=no', '--exit-idle-time=-1', '--use-pid-file=no', '--disallow-exit'];
  const modules = ['module-null-sink', `module-native-protocol-unix socket=${socket} auth-anonymous=1`];
  const server = spawn('pulseaudio', [...args, ...modules.flatMap((m) => ['-L', m])], {
    stdio: 'ignore',
    env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home },
  });
  const gone = once(server, 'exit');
  cleanup.add(async () => {
    server.kill();
    await gone;
  });
  await until('the loudspeaker', () => existsSync(socket));
  return `unix:${socket}`;
}
