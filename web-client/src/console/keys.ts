// The keyboard of the console, by the place of a key: a Vietnamese input
// method, Caps Lock or another keyboard layout changes nothing.
import type { LayoutKind } from '../wire';
import { copyChosen, copyOut } from './clipboard';
import type { Desk } from './desk';
import { focusField, focusNext } from './focus';
import { openWall } from './monitor';

/** The arrangements of ⇧1…⇧9, and the two that are clicked. */
export const offered: LayoutKind[] = [
  '1',
  '1+1',
  '1+5',
  '1+7',
  '2x2',
  '3x3',
  '4x4',
  'content+1',
  'content+strip',
  '1+12',
  '5x5',
];

type Act = (desk: Desk) => unknown;

const plain: Record<string, Act> = {
  Enter: (d) => (d.mixer.typed.value ? d.mixer.enter() : false),
  NumpadEnter: (d) => (d.mixer.typed.value ? d.mixer.enter() : false),
  Space: (d) => d.mixer.take(),
  KeyF: (d) => d.floor.give(),
  KeyI: (d) => d.floor.grant(),
  KeyG: (d) => d.next(),
  KeyC: (d) => d.floor.accept(),
  KeyD: (d) => d.floor.defer(),
  KeyN: (d) => d.floor.write(),
  Delete: (d) => d.floor.deny(),
  KeyM: (d) => d.floor.revoke(),
  KeyK: (d) => copyChosen(d),
  KeyA: (d) => d.alarms.acknowledge(),
  KeyL: (d) => d.open('saved'),
  KeyO: (d) => d.open('order'),
  KeyR: (d) => d.open('roll'),
  KeyQ: (d) => d.open('links'),
  KeyP: (d) => d.pauseRotation(),
  KeyV: (d) => openWall(d),
  KeyT: () => focusField('message'),
  KeyW: (d) => {
    d.worst.value = !d.worst.value;
  },
  Backspace: (d) => {
    d.mixer.typed.value = d.mixer.typed.value.slice(0, -1);
  },
  Escape: (d) => {
    d.mixer.typed.value = '';
    d.panel.value = '';
    d.floor.chosen.value = null;
  },
  ArrowLeft: (d) => d.mixer.step(-1),
  ArrowRight: (d) => d.mixer.step(1),
  ArrowUp: () => focusNext(-1),
  ArrowDown: () => focusNext(1),
  Slash: () => focusField('search'),
};

const shifted: Record<string, Act> = {
  KeyM: (d) => d.floor.closeAll(),
  KeyP: (d) => d.open('rotation'),
  KeyG: (d) => d.later(),
  KeyK: (d) => copyOut(d),
  KeyT: (d) => d.takeControl(),
  Slash: (d) => d.open('help'),
};

const controlled: Record<string, Act> = {
  KeyZ: (d) => d.mixer.undo(),
  KeyB: () => focusField('banner'),
};

const alted: Record<string, Act> = {
  ArrowUp: (d) => d.floor.shift(-1),
  ArrowDown: (d) => d.floor.shift(1),
};

/** pressed does what a key says; it tells whether the key was the console's. */
export function pressed(e: KeyboardEvent, desk: Desk): boolean {
  if (e.isComposing || e.repeat || e.metaKey) return false;
  if (inField(e.target)) return leave(e);
  if (desk.panel.value) return inPanel(e, desk);
  if (e.altKey) return !e.ctrlKey && !e.shiftKey && act(alted, e.code, desk);
  if (e.ctrlKey) return !e.shiftKey && act(controlled, e.code, desk);
  if (e.shiftKey) return layout(e.code, desk) || act(shifted, e.code, desk);
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(e.code)?.[1];
  if (digit) {
    desk.mixer.type(digit);
    return true;
  }
  // Enter on a key of the screen is that key's own, unless a number is being typed.
  if (onButton(e) && !desk.mixer.typed.value) return false;
  return act(plain, e.code, desk);
}

function act(table: Record<string, Act>, code: string, desk: Desk): boolean {
  return code in table && table[code]?.(desk) !== false;
}

/** layout prepares the arrangement of ⇧1…⇧9. */
function layout(code: string, desk: Desk): boolean {
  const kind = offered[Number(/^Digit([1-9])$/.exec(code)?.[1] ?? 0) - 1];
  if (kind) desk.mixer.arrange(kind);
  return kind !== undefined;
}

/** In a text field only Esc is the desk's: it leaves the field. */
function leave(e: KeyboardEvent): boolean {
  if (e.code !== 'Escape') return false;
  (e.target as HTMLElement).blur();
  return true;
}

/** Over an open panel nothing acts on the meeting behind it, but closing microphones does. */
function inPanel(e: KeyboardEvent, desk: Desk): boolean {
  if (e.code === 'KeyM' && !e.ctrlKey && !e.altKey) return act(e.shiftKey ? shifted : plain, e.code, desk);
  const own = { help: 'Slash', saved: 'KeyL', order: 'KeyO', roll: 'KeyR', links: 'KeyQ', meeting: '', rotation: '' };
  const closes = e.code === 'Escape' || (desk.panel.value !== '' && own[desk.panel.value] === e.code);
  if (closes) desk.panel.value = '';
  return closes;
}

/** inField tells whether a key is being typed into a field. */
export function inField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
  );
}

function onButton(e: KeyboardEvent): boolean {
  return (e.code === 'Enter' || e.code === 'NumpadEnter') && e.target instanceof HTMLButtonElement;
}
