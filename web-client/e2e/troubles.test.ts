// What keeps a room from a meeting: each has its own sentence and a way out.
// The browser is started without the flags and permissions that would hide it.

import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Bridge, elsewhere } from './harness/bridge.ts';
import { captureOf } from './harness/capture.ts';
import { Cleanup } from './harness/cleanup.ts';
import { installPlug } from './harness/unplug.ts';

const cleanup = new Cleanup();
const open: Browser[] = [];
let bridge: Bridge;
const PLAIN = ['--no-sandbox', '--disable-gpu', '--allow-loopback-in-peer-connection'];
const ASKED = '--use-fake-ui-for-media-stream'; // says yes for the person
const FILES = (n: number) => [
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-video-capture=${captureOf(n).camera}`,
  `--use-file-for-fake-audio-capture=${captureOf(n).microphone}`,
];

interface How {
  userAgent?: string;
  prepare?: () => void;
}

async function browse(flags: string[], { userAgent, prepare }: How = {}): Promise<Page> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, headless: true, args: [...PLAIN, ...flags] });
  open.push(browser);
  const context = await browser.newContext({ locale: 'vi-VN', ...(userAgent && { userAgent }) });
  if (prepare) await context.addInitScript(prepare);
  return context.newPage();
}

const reads = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor({ state: 'visible' });
/** wayOut is a key or link the page offers, by its act. */
const wayOut = (page: Page, act: string) => page.locator(`[data-act="${act}"]`).first().waitFor({ state: 'visible' });

beforeAll(async () => {
  bridge = await Bridge.start(cleanup);
});
afterEach(async () => {
  for (const browser of open.splice(0)) await browser.close();
});
afterAll(() => cleanup.run());

describe('a device', () => {
  it('that is not allowed', async () => {
    const page = await browse(FILES(2));
    await page.goto(bridge.roomLink(2));
    await reads(page, 'Trình duyệt chưa được phép dùng camera và micro. Bấm biểu tượng ổ khóa');
    await wayOut(page, 'retry');
    await wayOut(page, 'test-picture');
  });

  it('that is not there', async () => {
    const page = await browse([...FILES(2), ASKED], { prepare: installPlug });
    await page.addInitScript(() => {
      for (const kind of ['audio', 'video'] as const) window.giaobanPlug.out(kind);
    });
    await page.goto(bridge.roomLink(2));
    await reads(page, 'Không tìm thấy camera hoặc micro. Hãy cắm thiết bị');
    await wayOut(page, 'test-picture');
  });

  it('of which only the camera is missing', async () => {
    const page = await browse(['--use-fake-device-for-media-stream=device-count=0', ASKED]);
    await page.goto(bridge.roomLink(2));
    await reads(page, 'Không tìm thấy camera. Điểm cầu chỉ có tiếng.');
    await wayOut(page, 'retry');
  });

  it('that is in use by another program', async () => {
    // Chromium's file cameras are never taken, so the page is told what it would be told.
    const taken = () => {
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = (wanted = {}) =>
        wanted.video ? Promise.reject(new DOMException('in use', 'NotReadableError')) : ask(wanted);
    };
    const page = await browse([...FILES(2), ASKED], { prepare: taken });
    await page.goto(bridge.roomLink(2));
    await reads(page, 'đang được chương trình khác sử dụng. Hãy đóng chương trình đó.');
    await wayOut(page, 'retry');
  });

  it('of which only the microphone is missing', async () => {
    const page = await browse([...FILES(2), ASKED], { prepare: installPlug });
    await page.addInitScript(() => window.giaobanPlug.out('audio'));
    await page.goto(bridge.roomLink(2));
    await reads(page, 'Không tìm thấy micro. Điểm cầu chỉ có hình.');
    await wayOut(page, 'retry');
  });
});

describe('the browser', () => {
  it('that plays no sound before a press has one key as large as the screen', async () => {
    const page = await browse([]);
    await page.goto(bridge.wallLink());
    const key = page.getByText('Nhấn để bật tiếng');
    await key.waitFor({ state: 'visible' });
    const box = await page.getByTestId('sound-blocked').boundingBox();
    expect(box).toMatchObject(page.viewportSize() ?? {});
    await key.click();
    await key.waitFor({ state: 'detached' });
  });

  it('that is too old says which ones are not', async () => {
    const page = await browse([], {
      userAgent: 'Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 Chrome/88.0 Safari/537.36',
    });
    await page.goto(bridge.roomLink(2));
    await reads(page, 'Trình duyệt này đã cũ. Cần Chrome hoặc Edge 109');
  });

  it('whose clock is wrong by an hour says so, and the meeting goes by the server', async () => {
    const page = await browse([...FILES(2), ASKED], {
      prepare: () => {
        const real = Date.now.bind(Date);
        Date.now = () => real() + 3_600_000;
      },
    });
    await page.goto(bridge.roomLink(2));
    await reads(page, /Đồng hồ của máy này chạy nhanh 60 phút\. Hãy đặt lại giờ/);
    const shown = await page.getByTestId('clock').textContent();
    const minutes = Number(shown?.slice(3, 5));
    const now = new Date().getUTCMinutes();
    expect([now - 1, now, now + 1].map((m) => (m + 60) % 60)).toContain(minutes);
  });

  it('with a token that is no longer valid says whom to ask', async () => {
    const page = await browse([...FILES(2), ASKED]);
    await page.goto(`${bridge.url}/room#t=${'X'.repeat(26)}`);
    await reads(page, 'Mã truy cập không còn hiệu lực. Hãy xin cơ quan vận hành đường dẫn mới.');
  });
});

describe('from another machine', () => {
  let far: Bridge;

  beforeAll(async () => {
    far = await Bridge.start(cleanup, { address: elsewhere() });
  });

  it('an address without https explains itself, and shows the way', async () => {
    const page = await browse([]);
    await page.goto(far.url);
    await reads(page, 'Trình duyệt này chưa tin cậy máy chủ họp');
    await reads(page, 'gọi cho cơ quan vận hành và so đúng tám nhóm này');
    expect(await page.getByRole('link', { name: 'Tải chứng thư gốc' }).getAttribute('href')).toBe('/giaoban-ca.crt');
    expect(await page.locator('code').first().isVisible()).toBe(true);
  });

  it('a certificate that is not trusted is refused by the browser, and trusted with the CA of that page', async () => {
    const page = await browse([]);
    await expect(page.goto(far.secureURL)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID');
    const ca = await (await fetch(`${far.url}/giaoban-ca.crt`)).text();
    const answer = await fetchTrusting(`${far.secureURL}/healthz`, ca);
    expect(answer).toBe(200);
  });
});

/** fetchTrusting asks as a machine that has installed the CA. */
async function fetchTrusting(url: string, ca: string): Promise<number | undefined> {
  const { get } = await import('node:https');
  return new Promise((resolve, reject) => {
    get(url, { ca }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on('error', reject);
  });
}
