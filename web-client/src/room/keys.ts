// A remote control, a slide clicker and a keyboard, as six keys.

/** RoomKey is what a room can press. */
export type RoomKey = 'ok' | 'back' | 'left' | 'right' | 'up' | 'down';

const keys: Record<string, RoomKey> = {
  Enter: 'ok',
  NumpadEnter: 'ok',
  Space: 'ok',
  PageDown: 'ok', // a slide clicker's "next"
  Escape: 'back',
  Backspace: 'back',
  PageUp: 'back', // a slide clicker's "previous"
  BrowserBack: 'back',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** roomKey reads an event by its place on the keyboard, or by its name where a remote has no places. */
export function roomKey(e: KeyboardEvent): RoomKey | undefined {
  if (e.isComposing || e.repeat || e.ctrlKey || e.altKey || e.metaKey) return undefined;
  return keys[e.code] ?? keys[e.key] ?? (e.key === 'GoBack' ? 'back' : undefined);
}

/** onRoomKey listens for the whole page, and keeps the browser's own Back from leaving it. */
export function onRoomKey(press: (key: RoomKey) => boolean): void {
  addEventListener('keydown', (e) => {
    const key = roomKey(e);
    if (key && press(key)) e.preventDefault();
  });
  history.pushState(null, '');
  addEventListener('popstate', () => {
    history.pushState(null, '');
    press('back');
  });
}
