// Keys that are held: only what a meeting cannot take back.

import type { Desk } from './desk';
import { inField } from './keys';

/** How long a guarded key is held, in milliseconds. */
export const holdMs = 1000;

/** holdToEnd ends the meeting when ⇧E has been held for a second. */
export function holdToEnd(desk: Desk): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  addEventListener('keydown', (e) => {
    if (e.code !== 'KeyE' || !e.shiftKey || e.repeat || e.isComposing || inField(e.target)) return;
    timer = setTimeout(() => desk.end(), holdMs);
  });
  const release = () => clearTimeout(timer);
  addEventListener('keyup', release);
  addEventListener('blur', release);
}
