// When a journey fails, every open page is photographed and what the pages and
// the bridge had to say is kept, in .artifacts/failed.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterEach } from 'vitest';
import { ARTIFACTS } from './capture.ts';

const contexts = new Map<BrowserContext, string[]>();
const logs: (() => string)[] = [];

/** witness keeps what the pages of a browser say. */
export function witness(context: BrowserContext): void {
  const said: string[] = [];
  contexts.set(context, said);
  context.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  context.on('weberror', (web) => said.push(`error: ${web.error().stack ?? web.error()}`));
  context.once('close', () => contexts.delete(context));
}

/** witnessLog keeps the log of a process. */
export function witnessLog(log: () => string): void {
  logs.push(log);
}

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  const directory = join(ARTIFACTS, 'failed', task.name.replace(/[^\p{L}\d]+/gu, '-'));
  mkdirSync(directory, { recursive: true });
  const lines = logs.map((log) => log());
  let number = 0;
  for (const [context, said] of contexts) {
    for (const page of context.pages()) {
      number++;
      lines.push(`page ${number}: ${page.url()}`, ...said, await page.evaluate(state).catch(String));
      await page.screenshot({ path: join(directory, `page-${number}.png`) }).catch(() => undefined);
    }
  }
  writeFileSync(join(directory, 'log.txt'), lines.join('\n'));
});

/** state runs in the page: what its PeerConnections have come to. */
function state(): string {
  const { peers, counts } = window.giaobanProbe;
  return JSON.stringify({ counts, peers: peers.map((p) => `${p.connectionState} ${p.iceConnectionState}`) });
}
