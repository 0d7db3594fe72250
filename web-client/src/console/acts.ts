// Every act of the desk goes through here, so that the last one can be read in
// the foot of the screen, with its hour.
import { signal } from '@preact/signals';
import type { Page } from '../page/page';

/** Acts gives commands and remembers the last that was carried out. */
export class Acts {
  readonly last = signal<{ words: string; at: number } | null>(null);

  constructor(private readonly page: Page) {}

  /** say gives a command; words are how the act reads afterwards. It tells whether it was carried out. */
  async say(words: string, ...command: Parameters<Page['act']>): Promise<boolean> {
    const done = await this.page.act(...command);
    if (done) this.last.value = { words, at: this.page.link.now() };
    return done;
  }
}
