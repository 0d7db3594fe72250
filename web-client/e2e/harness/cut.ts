// Names that a page draws and nobody can read, because their plate ends above them.

import type { Page } from 'playwright-core';

/** cutNames lists the tiles' names that stand outside their plates. */
export function cutNames(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const cut: string[] = [];
    for (const plate of document.querySelectorAll<HTMLElement>('[data-testid="tile"] .name')) {
      const name = plate.querySelector('b');
      const words = [...(name?.childNodes ?? [])].find((node) => node.nodeType === Node.TEXT_NODE);
      if (!words || !plate.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(words);
      const [box, within] = [range.getBoundingClientRect(), plate.getBoundingClientRect()];
      if (box.top < within.top - 1 || box.bottom > within.bottom + 1) cut.push(`cut: ${words.textContent}`);
    }
    return cut;
  });
}
