// Hosts and lines of internal/netlab: a browser in a network namespace of its
// own, behind a line whose delay, loss and rate change while it runs.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { ARTIFACTS } from './capture.ts';
import type { Cleanup } from './cleanup.ts';

/** Shape is what one direction of a line does, as internal/netlab/lab reads it. */
export interface Shape {
  delayMs?: number;
  jitterMs?: number;
  loss?: number;
  rate?: number;
  queueMs?: number;
}

/** Counts are the packets of one direction so far. */
export interface Counts {
  Sent: number;
  Delivered: number;
  Lost: number;
  Dropped: number;
  Cut: number;
  Bytes: number;
  /** Nanoseconds: of all together, and the longest since it was last read. */
  Waited: number;
  Longest: number;
}

interface Answer {
  path?: string;
  addrs?: [string, string];
  counts?: Counts;
  error?: string;
}

/** Lab is a line between the machine itself, where the bridge runs, and a room. */
export class Lab {
  private readonly waiting: ((answer: Answer) => void)[] = [];

  private constructor(
    private readonly child: ChildProcess,
    answers: Interface,
  ) {
    answers.on('line', (line) => this.waiting.shift()?.(JSON.parse(line)));
    child.once('exit', () => {
      for (const answer of this.waiting.splice(0)) answer({ error: 'the lab ended' });
    });
  }

  /** The address of the bridge on the line. */
  address = '';
  /** The program that runs Chromium in the room. */
  chromium = '';

  /** start makes the line. */
  static async start(cleanup: Cleanup): Promise<Lab> {
    mkdirSync(ARTIFACTS, { recursive: true });
    const binary = join(ARTIFACTS, 'lab');
    const cwd = resolve(import.meta.dirname, '../../..');
    execFileSync('go', ['build', '-o', binary, './internal/netlab/lab'], { cwd, stdio: 'inherit' });
    const child = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
    cleanup.add(() => child.stdin.end());
    const lab = new Lab(child, createInterface({ input: child.stdout }));
    await lab.ask({ do: 'here', name: 'bridge' });
    const { path } = await lab.ask({ do: 'host', name: 'room' });
    const { addrs } = await lab.ask({ do: 'line', name: 'line', between: ['bridge', 'room'] });
    await lab.ask({ do: 'route', name: 'line', to: 'room' });
    lab.address = addrs?.[0] ?? '';
    lab.chromium = join(ARTIFACTS, 'chromium-in-room');
    const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
    writeFileSync(lab.chromium, `#!/bin/sh\nexec nsenter --net=${path} ${chromium} "$@"\n`);
    chmodSync(lab.chromium, 0o755);
    return lab;
  }

  /** down shapes what the room is sent, up what it sends. */
  down(shape: Shape): Promise<Answer> {
    return this.ask({ do: 'set', name: 'line', to: 'room', shape });
  }

  up(shape: Shape): Promise<Answer> {
    return this.ask({ do: 'set', name: 'line', to: 'bridge', shape });
  }

  /** counts is what has happened to what the room is sent. */
  async counts(): Promise<Counts> {
    const { counts } = await this.ask({ do: 'counts', name: 'line', to: 'room' });
    if (!counts) throw new Error('the lab counted nothing');
    return counts;
  }

  private async ask(command: object): Promise<Answer> {
    const answered = new Promise<Answer>((resolve) => this.waiting.push(resolve));
    this.child.stdin?.write(`${JSON.stringify(command)}\n`);
    const answer = await answered;
    if (answer.error) throw new Error(answer.error);
    return answer;
  }
}
