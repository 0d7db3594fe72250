// How much a page holds on to, after the browser has thrown away what it can.

import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';

/** Held is one look at a page's memory. */
export interface Held {
  /** JavaScript heap after a collection, in bytes. */
  heap: number;
  /** Nodes of the document and its listeners. */
  nodes: number;
  listeners: number;
  /** Resident memory of the page's process, in bytes. */
  rss: number;
}

/** held collects garbage and measures. */
export async function held(browser: Browser, page: Page): Promise<Held> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  const of = (name: string) => metrics.find((m) => m.name === name)?.value ?? 0;
  return {
    heap: of('JSHeapUsedSize'),
    nodes: of('Nodes'),
    listeners: of('JSEventListeners'),
    rss: await rendererMemory(browser),
  };
}

/** rendererMemory sums the resident memory of the browser's pages; there is one page. */
async function rendererMemory(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const pages = processInfo.filter((p) => p.type === 'renderer').map((p) => resident(p.id));
  return Math.max(...pages);
}

function resident(pid: number): number {
  const [, kB] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kB) * 1024;
}
