// The real binary, started as an operator starts it, on free ports and a data
// directory of its own; driven and watched from outside over HTTP.

import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Cleanup } from './cleanup.ts';
import { witnessLog } from './evidence.ts';
import { pointOf } from './points.ts';
import { until } from './wait.ts';

/** The binary under test; GIAOBAN names another, such as one with a planted fault. */
export const BINARY = process.env.GIAOBAN ?? resolve(import.meta.dirname, '../../../bin/giaoban');

/** The file in the data directory that the bridge writes its links to. */
const LINKS = 'links.json';

/** How a bridge is started. */
export interface BridgeOptions {
  /** Absent points played by bots. */
  demoPoints?: number;
  /** How many points the meeting has, p-001 and on, instead of a demo's. */
  points?: number;
  /** Whether the demo meeting is held; it is, unless told. */
  demo?: boolean;
  /** The data directory; a new one, removed afterwards, unless given. */
  data?: string;
  /** Where it listens; loopback unless given, and then with https beside http. */
  address?: string;
  /** One more address it listens at, with https, beside http on loopback. */
  also?: string;
}

/** Bridge is one running giaoban. */
export class Bridge {
  private child: ChildProcess | null = null;
  private output = '';

  private constructor(
    private readonly args: string[],
    /** The base URL of its pages. */
    readonly url: string,
    /** Its one media port, UDP and TCP. */
    readonly mediaPort: number,
    /** Where it keeps its data. */
    readonly data: string,
    /** The base URL of its pages over https, if it has an address beside loopback. */
    readonly secureURL: string,
  ) {}

  /** start runs a bridge until the cleanup; it returns when the bridge is ready. */
  static async start(cleanup: Cleanup, options: BridgeOptions = {}): Promise<Bridge> {
    if (!existsSync(BINARY)) {
      throw new Error(`${BINARY} is missing; build it: npm run build && go build -o bin/giaoban ./cmd/giaoban`);
    }
    const data = options.data ?? mkdtempSync(join(tmpdir(), 'giaoban-e2e-'));
    if (!options.data) cleanup.add(() => rmSync(data, { recursive: true, force: true }));
    const [http, media, https] = [await freePort(), await freePort(), await freePort()];
    const address = options.address ?? '127.0.0.1';
    const secure = options.also ?? options.address;
    const config = join(data, 'giaoban.yaml');
    const place = options.points ? alone(data, options.points) : '';
    writeFileSync(config, `log:\n  level: debug\ndemo:\n  enabled: ${options.demo ?? true}\n${place}`);
    const args = [
      'serve',
      `--config=${config}`,
      `--data=${data}`,
      `--http=${address}:${http}`,
      `--https=${secure ? `${secure}:${https}` : ''}`,
      `--media=${media}`,
      `--demo-points=${options.demoPoints ?? 0}`,
      `--links=${join(data, LINKS)}`,
    ];
    const bridge = new Bridge(args, `http://${address}:${http}`, media, data, `https://${secure}:${https}`);
    witnessLog(() => bridge.output);
    cleanup.add(() => bridge.stop());
    await bridge.run();
    return bridge;
  }

  /** run starts the process, the first time or again after kill. */
  async run(): Promise<void> {
    const child = spawn(BINARY, this.args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    const keep = (chunk: Buffer) => {
      this.output += chunk;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.child = child;
    await until('the bridge to be ready', async () => {
      if (child.exitCode !== null) throw new Error(`the bridge ended: ${this.output}`);
      // To anybody but this machine itself http shows one page and nothing else.
      const path = new URL(this.url).hostname === '127.0.0.1' ? '/readyz' : '/';
      return (await fetch(this.url + path)).ok;
    });
  }

  /** link is the link the bridge printed for a page with this path: "/console" or "/chair". */
  link(path: string): string {
    const [link] = new RegExp(`http://\\S+${path}#\\S+`).exec(this.output) ?? [];
    if (!link) throw new Error(`no link to ${path} in: ${this.output}`);
    return link;
  }

  /** firstPassword is the password of the operator's account, which the first start printed. */
  firstPassword(): string {
    const [, password] = /password: (\S+)/.exec(this.output) ?? [];
    if (!password) throw new Error(`no password in: ${this.output}`);
    return password;
  }

  /** roomLink is the link for the room of a point, with its camera rather than the test picture. */
  roomLink(number: number): string {
    return this.linkOf(pointOf(number).id);
  }

  /** linkOf is the same by the point's id; every point has one, printed or not. */
  linkOf(id: string): string {
    const { rooms } = JSON.parse(readFileSync(join(this.data, LINKS), 'utf8')) as { rooms: Record<string, string> };
    const link = rooms[id];
    if (!link) throw new Error(`no link to the room of ${id}`);
    return link;
  }

  /** wallLink is the link printed for a wall. */
  wallLink(): string {
    const link = [...this.output.matchAll(/http:\/\/\S+\/wall#t=\w+(?!\S)/g)].at(-1)?.[0];
    if (!link) throw new Error(`no link to a wall in: ${this.output}`);
    return link;
  }

  /** command gives a meeting command over HTTP, with the console's rights, and waits for it to be durable. */
  async command(name: string, data: unknown): Promise<void> {
    const token = new URLSearchParams(new URL(this.link('/console')).hash.slice(1)).get('t');
    const authorization = `Bearer ${token}`;
    const meetings = await fetch(`${this.url}/api/v1/meetings`, { headers: { authorization } });
    const { meetings: live } = (await meetings.json()) as { meetings: [{ id: string }] };
    const response = await fetch(`${this.url}/api/v1/meetings/${live[0].id}/commands`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ t: name, d: data }),
    });
    if (!response.ok) throw new Error(`${name} was refused: ${await response.text()}`);
  }

  /** kill ends the process as a power cut does. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** stop ends the process as Ctrl-C does and expects it to go cleanly. */
  async stop(): Promise<void> {
    const code = await this.end('SIGINT');
    if (code !== 0 && code !== null) throw new Error(`the bridge ended with ${code}: ${this.output}`);
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null) return null;
    const gone = once(child, 'exit');
    child.kill(signal);
    const deadline = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await gone;
    clearTimeout(deadline);
    return child.exitCode;
  }

  /** metric is the sum of a metric's series whose labels hold all the given ones. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const wanted = Object.entries(labels).map(([k, v]) => `${k}="${v}"`);
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => wanted.every((pair) => line.includes(pair)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }
}

/** alone is the configuration of a node that is a whole tree and has all its points. */
function alone(data: string, points: number): string {
  const ids = Array.from({ length: points }, (_, i) => numbered(i + 1));
  const file = join(data, 'tree.csv');
  writeFileSync(file, `code,parent,tier,name,points\n02,,Tỉnh,Điểm cầu,${ids.join(' ')}\n`);
  return `node:\n  id: "02"\n  file: ${JSON.stringify(file)}\n`;
}

/** numbered is the id of the nth point of a bridge that was given a number of points. */
export const numbered = (n: number): string => `p-${String(n).padStart(3, '0')}`;

/** elsewhere is an address of this machine that is not loopback: to the server, somebody else's. */
export function elsewhere(): string {
  const all = Object.values(networkInterfaces()).flat();
  const found = all.find((a) => a && !a.internal && a.family === 'IPv4')?.address;
  if (!found) throw new Error(`this machine has only loopback: ${all.map((a) => a?.address)}`);
  return found;
}

/** freePort is a port free for TCP and UDP on loopback. */
async function freePort(): Promise<number> {
  for (;;) {
    const tcp = createServer().listen(0, '0.0.0.0');
    await once(tcp, 'listening');
    const { port } = tcp.address() as { port: number };
    const udp = createSocket('udp4');
    const free = await new Promise<boolean>((answer) => {
      udp.once('error', () => answer(false));
      udp.bind(port, () => answer(true));
    });
    if (free) await new Promise<void>((done) => udp.close(() => done()));
    await new Promise((done) => tcp.close(done));
    if (free) return port;
  }
}
