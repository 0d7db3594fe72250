// The fixed marks of the room's screen: plate, link and clock, action bar,
// and the sentence of a lost link.
import { clock } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { Icon } from '../ui/icons';
import { Plate } from './Plate';
import { person } from './person';
import type { Room } from './room';

/** Marks is the bottom line, in the same place in every view. */
export function Marks({ room }: { room: Room }) {
  return (
    <div class="marks">
      <div>
        <Notice room={room} />
        <Plate room={room} />
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
  const words = room.page.notice.value || (trouble && t(`trouble.${trouble}`)) || skewWords(room.page.skew.value);
  if (!words) return null;
  return (
    <div class="notice" role="status" data-testid="notice" data-trouble={trouble ?? ''}>
      <p>{words}</p>
      {trouble && !room.page.notice.value && <WayOut room={room} />}
    </div>
  );
}

/** skewWords says how wrong this machine's clock is, and what to do; "" if it is right. */
export function skewWords(skew: number): string {
  if (!skew) return '';
  return t(skew > 0 ? 'skew.ahead' : 'skew.behind', { n: Math.round(Math.abs(skew) / 60_000) });
}

/** Banner is the controller's line, over the marks and under the faces. */
export function Banner({ room }: { room: Room }) {
  const banner = room.page.state.banners.value[0];
  if (!banner || (banner.untilMs && banner.untilMs <= room.page.now.value)) return null;
  return (
    <p class="banner" role="status" data-testid="banner">
      {banner.text}
    </p>
  );
}

/** WayOut is what a room without a camera can do about it. */
export function WayOut({ room }: { room: Room }) {
  return (
    <p class="ways">
      <button type="button" class="key" data-act="test-picture" onClick={() => room.useTest()}>
        {t('door.test')}
      </button>
      {room.capture.trouble.value === 'insecure' && (
        <a class="key" href="/setup">
          {t('trouble.setup')}
        </a>
      )}
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
  const above = room.page.state.meeting.value?.above;
  if (!room.down.value && above)
    return (
      <section class="lost" role="status" data-testid="lost" data-why="above">
        <h1>{t('lost.sentence', { point: above })}</h1>
      </section>
    );
  if (!room.down.value) return null;
  const { state, media, downSince } = room.page;
  const port = state.welcome.value?.icePort ?? 0;
  const blocked = media.value === 'blocked' && !downSince.value;
  const point = state.meeting.value?.hostUnit || t('lost.server');
  const support = state.own.value?.support;
  return (
    <section class="lost" data-testid="lost" data-why={blocked ? 'blocked' : 'link'}>
      <p class="tag">
        <Icon name="lost" />
        {blocked || !downSince.value ? t('lost.media.tag') : t('lost.since', { time: clock(downSince.value) })}
      </p>
      <h1>{blocked ? t('lost.media', { port }) : t('lost.sentence', { point })}</h1>
      {!blocked && (
        <p>
          {t('lost.keep')} {support && t('lost.support', { who: person(support) })}
        </p>
      )}
    </section>
  );
}
