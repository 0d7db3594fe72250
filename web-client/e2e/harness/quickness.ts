// How soon a desk can be used, how quickly it shows what a key does while
// everything else goes on, and how much it holds on to meanwhile.

import type { CDPSession, Page } from 'playwright-core';

/** Typed is what a while of pressing keys has shown. */
export interface Typed {
  keys: number;
  /** From a key's event to after the frame that shows it, in milliseconds. */
  inputToPaintP95Ms: number;
  /** The page's heap after collection: at first, now and then, and at last; in bytes. */
  heapBytes: number[];
}

/** How many keys there are between two looks at the heap. */
const looksEvery = 100;

/** type presses the arrow keys ten times a second. */
export async function type(page: Page, cdp: CDPSession, seconds: number): Promise<Typed> {
  await page.evaluate(watchKeys);
  const memory = [await heap(cdp)];
  const end = Date.now() + seconds * 1000;
  let keys = 0;
  for (; Date.now() < end; keys++) {
    await page.keyboard.press(keys % 2 ? 'ArrowLeft' : 'ArrowRight');
    await page.waitForTimeout(100);
    if (keys % looksEvery === looksEvery - 1) memory.push(await heap(cdp));
  }
  await page.waitForFunction((n) => window.giaobanLatencies.length >= n, keys);
  const latencies = await page.evaluate(() => window.giaobanLatencies);
  memory.push(await heap(cdp));
  const p95 = latencies.sort((a, b) => a - b)[Math.floor(latencies.length * 0.95)] ?? Number.NaN;
  return { keys, inputToPaintP95Ms: Math.round(p95), heapBytes: memory };
}

/** heap is the page's memory after everything that nobody holds is let go. */
async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

declare global {
  interface Window {
    giaobanUsableMs: number;
    giaobanLatencies: number[];
  }
}

/** watchKeys notes the time from each key's event to after the frame that shows it, in milliseconds. */
function watchKeys(): void {
  window.giaobanLatencies = [];
  addEventListener('keydown', (e) => {
    requestAnimationFrame(() => setTimeout(() => window.giaobanLatencies.push(performance.now() - e.timeStamp)));
  });
}

/** watchFirstPaint notes when the points' lamps are on screen; it runs inside the page before everything else. */
export function watchFirstPaint(): void {
  const look = () => {
    if (document.querySelectorAll('.led').length > 0) window.giaobanUsableMs = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** firstUsablePaint is when they were, in milliseconds after the page began to load. */
export async function firstUsablePaint(page: Page): Promise<number> {
  const usable = await page.waitForFunction(() => window.giaobanUsableMs);
  return Math.round((await usable.jsonValue()) as number);
}
