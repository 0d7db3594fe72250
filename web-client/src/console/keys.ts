// The keyboard of the console, by the place of a key: a Vietnamese input
// method, Caps Lock or another keyboard layout changes nothing.
import { type LayoutKind, layoutKinds } from '../wire';
import type { Desk } from './desk';

/** How long ⇧E is held to end the meeting. */
export const holdMs = 1000;

/** layoutOf is the arrangement of ⇧1…⇧6. */
export function layoutOf(code: string): LayoutKind | undefined {
  return layoutKinds[Number(/^Digit([1-9])$/.exec(code)?.[1] ?? 0) - 1];
}

const plain: Record<string, (desk: Desk) => unknown> = {
  Enter: (d) => (d.typed.value ? d.enter() : false),
  NumpadEnter: (d) => (d.typed.value ? d.enter() : false),
  Space: (d) => d.take(),
  KeyF: (d) => d.give(),
  KeyI: (d) => d.grant(),
  KeyD: (d) => d.deny(),
  Delete: (d) => d.deny(),
  KeyM: (d) => d.revoke(),
  KeyW: (d) => {
    d.worst.value = !d.worst.value;
  },
  Backspace: (d) => {
    d.typed.value = d.typed.value.slice(0, -1);
  },
  Escape: (d) => {
    d.typed.value = '';
    d.help.value = false;
    d.chosen.value = null;
  },
  ArrowLeft: (d) => step(d, -1),
  ArrowRight: (d) => step(d, 1),
  ArrowUp: () => focusNext(-1),
  ArrowDown: () => focusNext(1),
  Slash: () => document.querySelector<HTMLInputElement>('[data-testid="search"]')?.focus(),
};

const shifted: Record<string, (desk: Desk) => unknown> = {
  KeyM: (d) => d.closeAll(),
  Slash: (d) => {
    d.help.value = !d.help.value;
  },
};

/** pressed does what a key says; it tells whether the key was the console's. */
export function pressed(e: KeyboardEvent, desk: Desk): boolean {
  if (e.isComposing || e.repeat || e.altKey || e.metaKey) return false;
  if (inField(e.target)) {
    if (e.code !== 'Escape') return false;
    (e.target as HTMLElement).blur();
    return true;
  }
  if (e.ctrlKey) {
    if (e.code !== 'KeyZ' || e.shiftKey) return false;
    desk.undo();
    return true;
  }
  if (e.shiftKey) {
    const kind = layoutOf(e.code);
    if (kind) desk.arrange(kind);
    else shifted[e.code]?.(desk);
    return kind !== undefined || e.code in shifted;
  }
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(e.code)?.[1];
  if (digit) desk.type(digit);
  // Enter and Space on a key of the screen are that key's own, unless a number is being typed.
  else if (onButton(e) && !desk.typed.value) return false;
  else return plain[e.code]?.(desk) !== false && e.code in plain;
  return true;
}

/** holdToEnd ends the meeting when ⇧E has been held for a second. */
export function holdToEnd(desk: Desk): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  addEventListener('keydown', (e) => {
    if (e.code !== 'KeyE' || !e.shiftKey || e.repeat || inField(e.target)) return;
    timer = setTimeout(() => desk.end(), holdMs);
  });
  const release = () => clearTimeout(timer);
  addEventListener('keyup', release);
  addEventListener('blur', release);
}

function inField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
  );
}

function onButton(e: KeyboardEvent): boolean {
  return (e.code === 'Enter' || e.code === 'NumpadEnter') && e.target instanceof HTMLButtonElement;
}

function step(desk: Desk, by: number): void {
  const count = desk.preview.value.tiles.length;
  desk.tile.value = (desk.tile.value + by + count) % count;
}

/** Up and down move inside the list that has the focus, else inside the points. */
function focusNext(by: number): void {
  const here = document.activeElement?.closest('[data-list]') ?? document.querySelector('[data-list]');
  const items = [...(here?.querySelectorAll<HTMLElement>('[data-item]') ?? [])];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = items[Math.max(0, Math.min(items.length - 1, at + by))];
  next?.focus();
  next?.click();
}
