// The room's screen while there is no picture of a meeting: before, after, and
// while the point is in use elsewhere.
import { useEffect, useRef } from 'preact/hooks';
import { clock, date, hour, span } from '../i18n/clock';
import { sentence, t } from '../i18n/i18n';
import type { IdleView } from '../wire';
import { WayOut } from './Marks';
import type { Room } from './room';

/** Waiting says what comes, beside the room's own picture. */
export function Waiting({ room }: { room: Room }) {
  const { state, now } = room.page;
  const you = state.welcome.value?.you;
  const ended = state.meeting.value?.status === 'ended';
  const idle = state.idle.value;
  return (
    <section class="waiting" data-testid="waiting" data-state={ended ? 'ended' : idle?.inUse ? 'inuse' : 'idle'}>
      <header class="who">
        <div>
          {state.own.value?.name || you?.name} <span>{idle?.systemName}</span>
        </div>
        <b class="num">{clock(now.value)}</b>
      </header>
      <div class="due">{ended ? <h1>{t('ended.title')}</h1> : <Due room={room} idle={idle} now={now.value} />}</div>
      {!room.observer.value && <Self room={room} />}
    </section>
  );
}

function Due({ room, idle, now }: { room: Room; idle: IdleView | null; now: number }) {
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
  const at = idle.nextAtMs ?? 0;
  return (
    <>
      <p>{t('idle.next')}</p>
      <h1>{idle.nextTitle}</h1>
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
