// The people of a meeting, each at a page of the real product, doing with
// keys and buttons what the README tells them to do.

import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { LayoutKind } from '../../src/wire.ts';
import type { Bridge } from './bridge.ts';
import { type BrowserOptions, launch, sit } from './browser.ts';
import { captureOf, FILMED, toneHz } from './capture.ts';
import type { Cleanup } from './cleanup.ts';
import { look, type Shown } from './picture.ts';
import { pointOf } from './points.ts';
import type { Counts } from './probe.ts';
import { audioBytes, listen } from './sound.ts';
import { until } from './wait.ts';

/** A tone is heard at or above this amplitude; Opus and noise suppression leave more. */
const AUDIBLE = 0.008;
/** A tone this many times fainter than another is only its shadow. */
const SHADOW = 15;
/** Silence is under this root mean square. */
const SILENT = 0.001;

/** Person is somebody in front of one page. */
export class Person {
  /** Whether the browser has been switched off. */
  left = false;

  constructor(
    readonly name: string,
    readonly page: Page,
    /** Where on the page the meeting's picture is. */
    private readonly screen = 'body',
  ) {}

  /** sees is every tile of the meeting's picture on the page, read from its pixels. */
  sees(): Promise<Shown[]> {
    return look(this.page, this.screen);
  }

  /** hears is the numbers of the rooms whose tones the page receives now, and whether there is any sound. */
  async hears(): Promise<{ rooms: number[]; silent: boolean }> {
    const { tones, rms } = await listen(this.page, FILMED.map(toneHz));
    const loudest = Math.max(...tones);
    const rooms = FILMED.filter((_, i) => (tones[i] ?? 0) >= Math.max(AUDIBLE, loudest / SHADOW));
    return { rooms, silent: rms < SILENT };
  }

  /** audioBytes is how much audio payload reached the page. */
  audioBytes(): Promise<number> {
    return audioBytes(this.page);
  }

  counts(): Promise<Counts> {
    return this.page.evaluate(() => window.giaobanProbe.counts);
  }

  /** worked is what the page was worked with since it was loaded, in alphabetical order. */
  async worked(): Promise<string[]> {
    return Object.keys((await this.counts()).worked).sort();
  }

  /** leave switches the browser off. */
  async leave(): Promise<void> {
    this.left = true;
    await this.page.context().browser()?.close();
  }

  /** reads waits until the page shows the words. */
  async reads(words: string | RegExp): Promise<void> {
    await this.page.getByText(words).first().waitFor({ state: 'visible' });
  }

  /** connected waits until media flows. */
  async connected(): Promise<void> {
    await until(`${this.name}'s media to connect`, () =>
      this.page.evaluate(() => window.giaobanProbe.peers.some((p) => p.connectionState === 'connected')),
    );
  }
}

/** RoomOptions are how a room's browser is started, and by which of the bridge's doors it comes in. */
export interface RoomOptions extends BrowserOptions {
  origin?: string;
}

/** Room is a bridge point: a remote control, a camera and a microphone. */
export class Room extends Person {
  constructor(
    readonly number: number,
    page: Page,
  ) {
    super(`room ${number}`, page);
  }

  /** enter starts the room's own browser and opens its link. */
  static async enter(cleanup: Cleanup, bridge: Bridge, number: number, options: RoomOptions = {}): Promise<Room> {
    const context = await launch(cleanup, {
      capture: captureOf(number),
      viewport: { width: 960, height: 540 },
      ...options,
    });
    return Room.sit(context, bridge, number, options.origin);
  }

  /** sit opens the room's link in a browser that runs. */
  static async sit(context: BrowserContext, bridge: Bridge, number: number, origin = bridge.url): Promise<Room> {
    const page = await context.newPage();
    await page.goto(bridge.roomLink(number).replace(bridge.url, origin));
    const room = new Room(number, page);
    await room.connected();
    return room;
  }

  /** ask asks to speak: an arrow raises the action bar, OK asks. */
  async ask(): Promise<void> {
    await this.page.keyboard.press('ArrowDown');
    await this.page.keyboard.press('Enter');
    await this.reads('ĐÃ ĐĂNG KÝ');
  }

  /** choose goes along the action bar with the arrows to an action, and presses OK there. */
  async choose(action: string): Promise<void> {
    const { keyboard } = this.page;
    await keyboard.press('ArrowDown');
    await until(`the action ${action} of ${this.name}`, async () => {
      const focused = this.page.locator('[data-testid="action-bar"] [data-focus]');
      if ((await focused.getAttribute('data-act', { timeout: 2000 })) === action) return true;
      await keyboard.press('ArrowRight');
      return false;
    });
    await keyboard.press('Enter');
  }

  /** ok presses OK on the invitation and waits until the microphone is confirmed. */
  async ok(): Promise<void> {
    await this.page.keyboard.press('Enter');
    await this.reads('ĐANG PHÁT BIỂU');
  }
}

/** Chair is the tablet of the Chủ trì: a screen that is touched, and nothing else. */
export class Chair extends Person {
  private constructor(
    page: Page,
    private readonly touch: boolean,
  ) {
    super('the chair', page);
  }

  /** enter opens the tablet's link in a window of a browser that runs. */
  static async enter(browser: Browser, bridge: Bridge): Promise<Chair> {
    return Chair.at(browser, bridge.link('/chair'));
  }

  /** at is the chair at a tablet that has been given this link. WebDriver BiDi has no fingers: Firefox gets a mouse. */
  static async at(browser: Browser, link: string): Promise<Chair> {
    const touch = browser.browserType().name() === 'chromium';
    const context = await sit(browser, { touch, viewport: { width: 1180, height: 820 } });
    const page = await context.newPage();
    await page.goto(link);
    const chair = new Chair(page, touch);
    await chair.connected();
    return chair;
  }

  /** press touches the key that carries these words. */
  async press(words: RegExp): Promise<void> {
    const key = this.page.getByRole('button', { name: words }).first();
    await (this.touch ? key.tap() : key.click());
  }

  /** invite looks a point up by what is typed on the screen's own keyboard, and touches it. */
  async invite(number: number): Promise<void> {
    await this.press(/Mời điểm cầu khác/);
    await this.page.getByTestId('search').tap();
    // A keyboard drawn on the screen gives words, not keys.
    await this.page.keyboard.insertText(pointOf(number).name);
    await this.page.locator(`[data-testid="found"][data-point="${pointOf(number).id}"]`).tap();
  }
}

/** The layouts of ⇧1…⇧9. */
const layoutKeys: LayoutKind[] = ['1', '1+1', '1+5', '1+7', '2x2', '3x3', '4x4', 'content+1', 'content+strip'];

/** Desk is the controller at the console. */
export class Desk extends Person {
  static async enter(context: BrowserContext, bridge: Bridge, size = { width: 1600, height: 900 }): Promise<Desk> {
    const page = await context.newPage();
    await page.setViewportSize(size);
    await page.goto(bridge.link('/console'));
    const desk = Desk.at(page);
    await desk.connected();
    return desk;
  }

  /** at is the controller at a console that is open. */
  static at(page: Page): Desk {
    return new Desk('the controller', page, '[data-testid="program"]');
  }

  /** show sets a layout by its key, types a point number into each tile, and takes it. */
  async show(layout: LayoutKind, numbers: number[]): Promise<void> {
    const keys = this.page.keyboard;
    await keys.press(`Shift+Digit${layoutKeys.indexOf(layout) + 1}`);
    for (const number of numbers) {
      await keys.type(String(number));
      await keys.press('Enter');
    }
    await keys.press('Space');
  }
}
