// giaoban's commands, run as an operator runs them: beside a server, or on the
// data of one that is stopped.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BINARY } from './bridge.ts';

/** giaoban runs one command and gives what it printed on its two outputs. */
export async function giaoban(...args: string[]): Promise<{ out: string; err: string }> {
  const { stdout, stderr } = await promisify(execFile)(BINARY, args, { maxBuffer: 64 << 20 });
  return { out: stdout, err: stderr };
}
