// The room's screen while there is no picture of a meeting: before, after, and
// while the point is in use elsewhere.
import { useEffect, useRef } from 'preact/hooks';
import { clock, date, hour, span } from '../i18n/clock';
import { sentence, t } from '../i18n/i18n';
import type { IdleView } from '../wire';
import { After } from './After';
import { CheckView } from './CheckView';
import { WayOut } from './Marks';
import { person } from './person';
import type { Room } from './room';

/** Waiting is the screen without a meeting's picture: what comes beside the room itself, or how to close the room. */
export function Waiting({ room }: { room: Room }) {
  const { state, now } = room.page;
  const you = state.welcome.value?.you;
  const idle = state.idle.value;
  const after = room.stage.value === 'after';
  const parent = you?.point ? state.row(you.point).value : undefined;
  return (
    <section class="waiting" data-testid="waiting" data-state={after ? 'ended' : idle?.inUse ? 'inuse' : 'idle'}>
      <header class="who">
        <div>
          {state.own.value?.name || you?.name}{' '}
          <span>{[parent?.parent, idle?.systemName].filter(Boolean).join(' · ')}</span>
        </div>
        <b class="num">{clock(now.value)}</b>
      </header>
      {after ? <After room={room} /> : <Before room={room} />}
    </section>
  );
}

function Before({ room }: { room: Room }) {
  const { idle, own } = room.page.state;
  return (
    <>
      <div class="due">
        <Due room={room} idle={idle.value} now={room.page.now.value} />
      </div>
      <div class={own.value ? 'ready listed' : 'ready'}>
        <Self room={room} />
        {own.value && <CheckView room={room} />}
      </div>
      {own.value?.support && (
        <footer class="people">
          {t('before.support')} <b>{person(own.value.support)}</b>
        </footer>
      )}
    </>
  );
}

function Due({ room, idle, now }: { room: Room; idle: IdleView | null; now: number }) {
  const meeting = room.page.state.meeting.value;
  if (meeting)
    return (
      <Coming title={meeting.title} host={meeting.hostUnit} at={meeting.startsAtMs} now={now} points={meeting.points} />
    );
  if (!idle) return <h1>{t('wait.view')}</h1>;
  if (idle.inUse) return <InUse room={room} asked={idle.asked === true} />;
  if (!idle.nextTitle) {
    return (
      <>
        <h1>{t('idle.none')}</h1>
        <p>{t('idle.wait')}</p>
      </>
    );
  }
  if (idle.why && idle.why !== 'meeting.not_open') {
    return (
      <>
        <p>{idle.nextTitle}</p>
        <h1>{sentence(idle.why)}</h1>
      </>
    );
  }
  const lobby = idle.lobbyAtMs ?? 0;
  return (
    <>
      <Coming title={idle.nextTitle} host={idle.nextHost} at={idle.nextAtMs ?? 0} now={now} />
      {idle.summonedAtMs ? (
        <p>{t('before.summoned')}</p>
      ) : (
        lobby > now && <p>{t('before.lobby', { time: hour(lobby) })}</p>
      )}
    </>
  );
}

interface ComingProps {
  title: string;
  host?: string;
  at: number;
  now: number;
  points?: number;
}

/** Coming is a meeting that has not begun: its title, its host, its time, and how long that is. */
function Coming({ title, host, at, now, points }: ComingProps) {
  return (
    <>
      <p>{t('idle.next')}</p>
      <h1>{title}</h1>
      {host && (
        <p>
          {t('before.host', { unit: host })}
          {points ? ` · ${t('before.points', { n: points })}` : ''}
        </p>
      )}
      {at > now ? (
        <>
          <p>{t('idle.at', { time: hour(at), date: date(at) })}</p>
          <p class="count num">{span(at - now)}</p>
        </>
      ) : (
        <p>{t('idle.soon')}</p>
      )}
    </>
  );
}

function InUse({ room, asked }: { room: Room; asked: boolean }) {
  return (
    <>
      <h1>{t('inuse.title')}</h1>
      <p>{asked ? t('inuse.asked') : t('inuse.wait')}</p>
      {!asked && (
        <button type="button" class="act focus" data-act="takeover" onClick={() => room.askTakeover()}>
          <span>
            {t('inuse.ask')}
            <small>{t('act.ask.sub')}</small>
          </span>
        </button>
      )}
    </>
  );
}

function Self({ room }: { room: Room }) {
  const video = useRef<HTMLVideoElement>(null);
  const picture = room.capture.picture.value;
  const trouble = room.capture.trouble.value;
  useEffect(() => {
    if (!video.current) return;
    video.current.srcObject = picture;
    if (picture) video.current.play().catch(() => undefined);
  }, [picture]);
  return (
    <div class="self">
      <video ref={video} muted playsInline autoplay />
      <b>{t('idle.self')}</b>
      {trouble && (
        <div class="trouble">
          <p>{t(`trouble.${trouble}`)}</p>
          <WayOut room={room} />
        </div>
      )}
    </div>
  );
}
