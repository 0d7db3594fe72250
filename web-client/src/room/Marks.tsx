// The fixed marks of the room's screen: plate, link and clock, action bar,
// and the sentence of a lost link.
import { clock } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { Icon } from '../ui/icons';
import { Plate } from './Plate';
import type { Room } from './room';

/** Marks is the bottom line, in the same place in every view. */
export function Marks({ room }: { room: Room }) {
  return (
    <div class="marks">
      <div>
        <Notice room={room} />
        {!room.observer.value && <Plate room={room} />}
      </div>
      <div class="state">
        <LinkWord room={room} />
        <span class="num" data-testid="clock">
          {clock(room.page.now.value)}
        </span>
      </div>
    </div>
  );
}

function LinkWord({ room }: { room: Room }) {
  const { socket, media, weak } = room.page;
  const lost = socket.value === 'lost' || media.value === 'lost' || media.value === 'blocked';
  const waiting = socket.value === 'connecting' || media.value === 'connecting';
  const state = lost ? 'lost' : waiting ? 'connecting' : weak.value ? 'weak' : 'good';
  return (
    <span class="link" data-testid="link" data-state={state}>
      <Icon name={state === 'lost' ? 'lost' : state === 'good' ? 'line' : 'weak'} />
      {t(`link.${state}`)}
    </span>
  );
}

function Notice({ room }: { room: Room }) {
  const trouble = room.capture.trouble.value;
  const words = room.page.notice.value || (trouble && t(`trouble.${trouble}`));
  if (!words) return null;
  return (
    <div class="notice" role="status" data-testid="notice" data-trouble={trouble ?? ''}>
      <p>{words}</p>
      {trouble && !room.page.notice.value && <WayOut room={room} />}
    </div>
  );
}

/** WayOut is what a room without a camera can do about it. */
export function WayOut({ room }: { room: Room }) {
  return (
    <p class="ways">
      <button type="button" class="key" data-act="test-picture" onClick={() => room.useTest()}>
        {t('door.test')}
      </button>
      <button type="button" class="key" data-act="retry" onClick={() => room.useDevices()}>
        {t('trouble.retry')}
      </button>
    </p>
  );
}

/** ActionBar rises on any key and goes after six seconds. */
export function ActionBar({ room }: { room: Room }) {
  const focus = room.focus.value;
  if (focus < 0) return null;
  return (
    <nav class="acts" data-testid="action-bar">
      {room.actions.value.map((action, index) => (
        <button
          type="button"
          key={action.id}
          class={`act ${index === focus ? 'focus' : ''}`}
          tabIndex={-1}
          data-act={action.id}
          data-focus={index === focus ? '' : undefined}
          aria-disabled={!action.enabled}
          onClick={() => action.enabled && room.run(action.id)}
        >
          <Icon name={action.icon} />
          <span>
            {t(action.label)}
            <small>{t(action.sub, action.args)}</small>
          </span>
        </button>
      ))}
    </nav>
  );
}

/** Lost dims the last frame and says one sentence; no spinner, no blame. */
export function Lost({ room }: { room: Room }) {
  if (!room.down.value) return null;
  const { state, media, downSince } = room.page;
  const port = state.welcome.value?.icePort ?? 0;
  const blocked = media.value === 'blocked' && !downSince.value;
  const point = state.meeting.value?.hostUnit || t('lost.server');
  return (
    <section class="lost" data-testid="lost" data-why={blocked ? 'blocked' : 'link'}>
      <p class="tag">
        <Icon name="lost" />
        {blocked || !downSince.value ? t('lost.media.tag') : t('lost.since', { time: clock(downSince.value) })}
      </p>
      <h1>{blocked ? t('lost.media', { port }) : t('lost.sentence', { point })}</h1>
      {!blocked && <p>{t('lost.keep')}</p>}
    </section>
  );
}
