// What a room may do now: the action bar as a value.
import type { Key } from '../i18n/i18n';
import type { Plate } from '../state/state';
import type { IconName } from '../ui/icons';
import type { OwnView } from '../wire';

/** ActID names an action; it is also its data-act in the page. */
export type ActID =
  | 'ask'
  | 'withdraw'
  | 'finish'
  | 'on'
  | 'off'
  | 'share-ask'
  | 'share-withdraw'
  | 'share-start'
  | 'share-stop'
  | 'sound-on'
  | 'sound-off'
  | 'help';

/** Action is one key of the bar. A key that can do nothing goes hollow, none moves. */
export interface Action {
  id: ActID;
  icon: IconName;
  label: Key;
  sub: Key;
  args?: Record<string, number>;
  enabled: boolean;
}

/** actions gives the bar's keys from left to right. */
export function actions(own: OwnView, plate: Plate, sharing: Sharing): Action[] {
  const keys = [microphone(own, plate), content(own, sharing !== 'none')];
  if (!own.chair) keys.unshift(floor(own, plate));
  keys.push({ id: 'help', icon: 'message', label: 'act.help', sub: 'act.help.sub', enabled: true });
  return sharing === 'none' ? keys : [...keys, sound(own, sharing)];
}

/** Sharing is what the room presents now: nothing, a picture, or a picture that has sound. */
export type Sharing = 'none' | 'picture' | 'sound';

/** The sound of a presentation is a microphone: it opens by this key alone. */
function sound(own: OwnView, sharing: Sharing): Action {
  if (own.content === 'on' && !own.soundOff) {
    return { id: 'sound-off', icon: 'spk-off', label: 'act.sound.off', sub: 'act.sound.off.sub', enabled: true };
  }
  const enabled = sharing === 'sound' && own.content === 'on';
  const sub = enabled ? 'act.sound.on.sub' : 'act.sound.none';
  return { id: 'sound-on', icon: 'spk', label: 'act.sound.on', sub, enabled };
}

/** first is the key the bar rises with its focus on. */
export function first(keys: Action[], plate: Plate): number {
  const wanted = plate === 'off' || plate === 'asked' ? 0 : keys.findIndex((k) => k.id === 'on' || k.id === 'off');
  return keys[wanted]?.enabled
    ? wanted
    : Math.max(
        0,
        keys.findIndex((k) => k.enabled),
      );
}

function floor(own: OwnView, plate: Plate): Action {
  if (plate === 'off') {
    const sub = own.mayAsk ? 'act.ask.sub' : 'act.ask.shut';
    return { id: 'ask', icon: 'hand', label: 'act.ask', sub, enabled: own.mayAsk };
  }
  if (plate !== 'asked') {
    return { id: 'finish', icon: 'stop', label: 'act.finish', sub: 'act.finish.sub', enabled: true };
  }
  const place = own.place
    ? { sub: 'act.withdraw.sub' as const, args: { n: own.place } }
    : { sub: 'act.withdraw.wait' as const };
  return { id: 'withdraw', icon: 'hand', label: 'act.withdraw', ...place, enabled: true };
}

function microphone(own: OwnView, plate: Plate): Action {
  if (plate === 'on' || plate === 'opening') {
    return { id: 'off', icon: 'mic-off', label: 'act.off', sub: 'act.off.sub', enabled: true };
  }
  const enabled = plate === 'invited' || plate === 'back' || own.chair === true;
  const sub = enabled ? 'act.on.sub' : 'act.on.shut';
  return { id: 'on', icon: enabled ? 'mic' : 'mic-off', label: 'act.on', sub, enabled };
}

function content(own: OwnView, sharing: boolean): Action {
  const key = (id: ActID, label: Key, sub: Key, enabled = true): Action => ({ id, icon: 'share', label, sub, enabled });
  switch (own.content) {
    case 'off':
      return key('share-ask', 'act.share.ask', 'act.share.ask.sub', own.mayShow || own.chair === true);
    case 'asked':
    case 'accepted':
      return key('share-withdraw', 'act.share.wait', 'act.share.wait.sub');
    default:
      return sharing
        ? key('share-stop', 'act.share.stop', 'act.share.stop.sub')
        : key('share-start', 'act.share.start', 'act.share.start.sub');
  }
}
