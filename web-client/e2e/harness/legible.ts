// How large and how clear every text of a page is, as the browser has laid it
// out: its size in pixels of the page, and the contrast of its colour with what
// lies under it, by WCAG 2.2's formula. Under a picture that moves anything can
// be, so that text over one is measured over black and over white, through
// whatever plate lies between, and the worse counts.

import type { Page } from 'playwright-core';

/** One text that can be seen. */
export interface Text {
  words: string;
  /** Size of the letters in pixels of the page. */
  px: number;
  /** 1 to 21. */
  contrast: number;
  /** Of a key that can do nothing now: WCAG 1.4.3 asks no contrast of it. */
  idle: boolean;
  /** Whether it is the word of the microphone's state. */
  state: boolean;
}

/** texts measures every text that can be seen. */
export function texts(page: Page): Promise<Text[]> {
  return page.evaluate(measure);
}

/** measure runs inside the page. */
function measure(): Text[] {
  type Rgba = [number, number, number, number];
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('no canvas');
  const read = (css: string): Rgba => {
    const given = /^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/.exec(css);
    if (given) return [Number(given[1]), Number(given[2]), Number(given[3]), Number(given[4] ?? 1)];
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = css;
    pen.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0, a = 0] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a]: Rgba, [x, y, z]: Rgba): Rgba => [
    r * a + x * (1 - a),
    g * a + y * (1 - a),
    b * a + z * (1 - a),
    1,
  ];
  const linear = (v: number) => (v <= 10.31 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]: Rgba) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ratio = (a: Rgba, b: Rgba) => {
    const [x, y] = [light(a) + 0.05, light(b) + 0.05];
    return Math.max(x, y) / Math.min(x, y);
  };
  const opacity = (el: Element | null): number =>
    el ? Number(getComputedStyle(el).opacity) * opacity(el.parentElement) : 1;
  // A television's page is drawn once and scaled; a dialog stands in the top layer, where it is not.
  const scale = (el: Element | null): number => {
    if (!el || el.matches('dialog:modal')) return 1;
    const { transform } = getComputedStyle(el);
    return (transform === 'none' ? 1 : new DOMMatrix(transform).a) * scale(el.parentElement);
  };
  const colours = (image: string): Rgba[] => (image.match(/(?:rgba?|color|oklch|oklab)\([^)]*\)/g) ?? []).map(read);

  /** beneath lists what colours can lie under a text: those of a hatch, or of a picture. */
  const beneath = (el: Element, stack: Element[]): Rgba[] => {
    const layers: Rgba[][] = [];
    let ground: Rgba[] = [[255, 255, 255, 1]];
    for (const under of stack.slice(stack.indexOf(el))) {
      if (under instanceof HTMLVideoElement || under instanceof HTMLImageElement) {
        ground = [
          [0, 0, 0, 1],
          [255, 255, 255, 1],
        ];
        break;
      }
      const style = getComputedStyle(under);
      const veil = opacity(under);
      const own = read(style.backgroundColor);
      const stripes = colours(style.backgroundImage);
      if (stripes.length > 0) layers.push(stripes.map(([r, g, b, a]): Rgba => [r, g, b, a * veil]));
      layers.push([[own[0], own[1], own[2], own[3] * veil]]);
      if (own[3] * veil === 1) break;
    }
    for (const layer of layers.reverse()) ground = layer.flatMap((top) => ground.map((under) => over(top, under)));
    return ground;
  };

  const everything = document.createElement('style');
  everything.textContent = '* { pointer-events: auto !important; }';
  document.head.append(everything);
  const found: Text[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const words = (node.textContent ?? '').trim();
    const el = node.parentElement;
    if (!words || !el?.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const stack = document.elementsFromPoint(box.x + Math.min(box.width / 2, 12), box.y + box.height / 2);
    // Scrolled away, clipped, or behind a panel: nobody sees it.
    if (box.width < 2 || !stack.includes(el) || opacity(el) === 0) continue;
    const covered = stack
      .slice(0, stack.indexOf(el))
      .some((above) => read(getComputedStyle(above).backgroundColor)[3] === 1);
    if (covered) continue;
    const style = getComputedStyle(el);
    const [r, g, b, a] = read(style.color);
    const ink: Rgba = [r, g, b, a * opacity(el)];
    const contrast = Math.min(...beneath(el, stack).map((ground) => ratio(over(ink, ground), ground)));
    found.push({
      words,
      px: Math.round(Number.parseFloat(style.fontSize) * scale(el) * 100) / 100,
      contrast,
      idle: el.closest(':disabled, [aria-disabled="true"]') !== null,
      state: el.matches('[data-testid="mic-plate"] > span'),
    });
  }
  everything.remove();
  return found;
}
