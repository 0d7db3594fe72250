// What the design asks of text in each place, and how it is told in docs/screens.md.

import type { Text } from './legible.ts';

/** A place where people read. */
export interface Place {
  name: string;
  height: number;
  /** Millimetres of a pixel, and metres to the eye, of the screen it is designed for. */
  pixel: number;
  distance: number;
  /** Least size, in pixels. */
  least: number;
  /** Least contrast, and that of text of `large` pixels or more. */
  contrast: number;
  contrastLarge: number;
  large: number;
}

/** WCAG 2.2, 1.4.6: 7, and 4.5 where text is large; nothing on a television is smaller than large. */
const enhanced = { contrast: 7, contrastLarge: 4.5 };
/** WCAG 2.2, 1.4.3. */
const minimum = { contrast: 4.5, contrastLarge: 4.5, large: 24 };

export const places = {
  television: {
    name: "room's television, 55 inches",
    height: 1080,
    pixel: 0.634,
    distance: 5,
    least: 28,
    large: 56,
    ...enhanced,
  },
  television4k: { name: 'the same at 4K', height: 2160, pixel: 0.317, distance: 5, least: 56, large: 112, ...enhanced },
  wall: { name: 'TV wall', height: 1080, pixel: 0.634, distance: 5, least: 28, large: 56, ...enhanced },
  desk: { name: 'console, 27 inches', height: 1440, pixel: 0.233, distance: 0.7, least: 12, ...minimum },
  tablet: { name: "chair's tablet", height: 820, pixel: 0.192, distance: 0.5, least: 16, ...minimum },
  operator: { name: "operator's page, 24 inches", height: 900, pixel: 0.277, distance: 0.6, least: 13, ...minimum },
  telephone: { name: "officer's telephone", height: 844, pixel: 0.166, distance: 0.35, least: 14, ...minimum },
} satisfies Record<string, Place>;

/** Height of a capital of Be Vietnam Pro, in ems. */
const capital = 0.74;

/** angle is how high a capital stands before the eye, in minutes of arc. */
const angle = ({ pixel, distance }: Place, px: number) =>
  Math.round((Math.atan((px * capital * pixel) / 1000 / distance) * 180 * 60) / Math.PI);

const least = (texts: Text[]) => Math.min(...texts.filter((t) => !t.idle).map((t) => t.contrast)).toFixed(1);

/** row tells a place in one line of a table. */
export function row(place: Place, all: Text[]): string {
  const sizes = [...new Set(all.map((t) => t.px))].sort((a, b) => a - b);
  const smallest = sizes[0] ?? 0;
  const share = ((100 * smallest) / place.height).toFixed(1);
  const states = all.filter((t) => t.state).map((t) => t.px);
  const state = states.length ? Math.min(...states) : 0;
  const word = state ? `${state} px, ${angle(place, state)}′` : '';
  return `| ${place.name} | ${smallest} px | ${share} % | ${angle(place, smallest)}′ at ${place.distance} m | ${word} | ${least(all)} |`;
}

/** rows tells every size of a place. */
export function rows(place: Place, all: Text[]): string {
  const sizes = [...new Set(all.map((t) => t.px))].sort((a, b) => a - b);
  const lines = sizes.map((px) => {
    const these = all.filter((t) => t.px === px);
    const faint = these.filter((t) => !t.idle).sort((a, b) => a.contrast - b.contrast)[0];
    const share = ((100 * px) / place.height).toFixed(1);
    return `${px} px\t${share} %\t${angle(place, px)}′\t${these.length} texts\tleast contrast ${faint?.contrast.toFixed(1)}: ${faint?.words.slice(0, 40)}`;
  });
  return [place.name, ...lines].join('\n');
}
