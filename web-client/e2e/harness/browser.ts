// The browsers as rooms have them: one process per room, its camera and
// microphone played from files in Chromium, made in the page in Firefox.

import { type Browser, type BrowserContext, chromium, firefox } from 'playwright-core';
import type { Capture } from './capture.ts';
import type { Cleanup } from './cleanup.ts';
import { witness } from './evidence.ts';
import { loudspeaker } from './loudspeaker.ts';
import { installProbe } from './probe.ts';

/** How one browser is started. */
export interface BrowserOptions {
  /** The files played as camera and microphone; without them, Chromium's own test picture. */
  capture?: Capture;
  /** Keep the microphone sending whatever the page does. */
  cheat?: boolean;
  /** Leave the page as it is: no probe keeps hold of its connections, so that its memory can be measured. */
  bare?: boolean;
  /** Make sound wait for a press, as a browser does that nobody has set up for a room. */
  soundWaits?: boolean;
  /** More flags of the browser. */
  flags?: string[];
  /** Another program that runs the browser. */
  executable?: string;
  viewport?: { width: number; height: number };
  locale?: string;
  /** Pixels of a screenshot for each of the page. */
  scale?: number;
  /** A screen that is touched. */
  touch?: boolean;
  /** What the machine has on its disk, as it was when it was switched off. */
  disk?: Awaited<ReturnType<BrowserContext['storageState']>>;
}

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

/** Stock Firefox that asks nobody, lets sound play, and offers loopback by its address. */
const PREFERENCES = {
  'media.navigator.permission.disabled': true,
  'media.navigator.streams.fake': true,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'dom.min_background_timeout_value': 4,
};

/** launchFirefox starts one Firefox process, driven by WebDriver BiDi, and ends it with the cleanup. */
export async function launchFirefox(cleanup: Cleanup, options: BrowserOptions = {}): Promise<BrowserContext> {
  const browser = await firefox.launch({
    channel: 'moz-firefox', // Firefox as it is installed, not Playwright's own
    executablePath: FIREFOX,
    headless: true,
    firefoxUserPrefs: PREFERENCES,
    env: { ...process.env, PULSE_SERVER: await loudspeaker(cleanup) },
  });
  cleanup.add(() => browser.close());
  return sit(browser, options);
}

/** launch starts one Chromium process and ends it with the cleanup. */
export async function launch(cleanup: Cleanup, options: BrowserOptions = {}): Promise<BrowserContext> {
  const args = [...FLAGS, ...(options.flags ?? [])];
  if (!options.soundWaits) args.push('--autoplay-policy=no-user-gesture-required');
  if (options.capture) {
    args.push(`--use-file-for-fake-video-capture=${options.capture.camera}`);
    args.push(`--use-file-for-fake-audio-capture=${options.capture.microphone}`);
  }
  const browser: Browser = await chromium.launch({
    executablePath: options.executable ?? EXECUTABLE,
    headless: true,
    args,
  });
  cleanup.add(() => browser.close());
  return sit(browser, options);
}

/** sit opens a window of its own in a browser that runs: another screen, other cookies. */
export async function sit(browser: Browser, options: BrowserOptions): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1280, height: 720 },
    locale: options.locale ?? 'vi-VN',
    deviceScaleFactor: options.scale ?? 1,
    timezoneId: 'Asia/Ho_Chi_Minh',
    // Firefox is told by a preference instead.
    ...(browser.browserType() === chromium && { permissions: ['camera', 'microphone'] }),
    hasTouch: options.touch ?? false,
    ...(options.disk && { storageState: options.disk }),
  });
  if (!options.bare) await context.addInitScript(installProbe, { cheat: options.cheat ?? false });
  witness(context);
  return context;
}
