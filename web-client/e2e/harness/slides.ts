// A presentation: what a screen would show and sound, in place of the chooser
// that only a person can answer.

import type { BrowserContext } from 'playwright-core';
import { play } from './film.ts';

/** The number the slides carry, which no point has. */
export const SLIDES = 200;
/** Their tone, which no room has, in hertz. */
export const SLIDES_HZ = 700;

/** bringSlides lets every page of a room's machine present them. */
export function bringSlides(context: BrowserContext): Promise<void> {
  return play(context, { room: SLIDES, hz: SLIDES_HZ, as: 'screen' });
}
