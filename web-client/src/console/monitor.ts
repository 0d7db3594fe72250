// The second monitor: the wall in a window of its own. The two windows tell
// each other which point is chosen; everything else each has from the server.
import { t } from '../i18n/i18n';
import type { Desk } from './desk';

const channel = 'giaoban.desk';

/** openWall opens the wall, or brings its window to the front. */
export function openWall(desk: Desk): void {
  const opened = window.open('/monitor', 'giaoban.wall');
  if (opened) opened.focus();
  else desk.page.tell(t('desk.wall.blocked'));
}

/** tellChosen says to the other windows of this browser which point was chosen. */
export function tellChosen(point: string): void {
  const to = new BroadcastChannel(channel);
  to.postMessage(point);
  to.close();
}

/** hearChosen hears what the other windows choose. */
export function hearChosen(choose: (point: string) => void): void {
  new BroadcastChannel(channel).onmessage = (e) => {
    if (typeof e.data === 'string') choose(e.data);
  };
}
