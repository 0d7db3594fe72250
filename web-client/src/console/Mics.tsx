// Who holds a floor: who speaks, since when, for how long yet, how loud.
import { useComputed } from '@preact/signals';
import { span } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { Lamp } from '../ui/icons';
import type { AtZero, RequestView } from '../wire';
import type { Desk } from './desk';
import { FeedHeld } from './Feed';
import { Guard } from './Guard';
import { Meter } from './Meter';
import { Name } from './Name';

/** Mics are the floors that are held, and the keys that close them. */
export function Mics({ desk }: { desk: Desk }) {
  const held = desk.floor.granted.value;
  const feed = desk.page.state.floor.value?.feed;
  const open = held.filter(audible).length + (feed ? 1 : 0);
  const points = useComputed(() => desk.page.state.points.value.length);
  return (
    <section class="p mics" aria-label={t('con.mics')}>
      <div class="h">
        <Lamp is="air" />
        <span>{t('con.mics')}</span>
        <span class="num n">{open || ''}</span>
        <span class="r">{t('con.mics.off', { n: points.value - open })}</span>
        <Limit desk={desk} />
      </div>
      <div class="scroll">
        <FeedHeld desk={desk} />
        {held.map((request) => (
          <Held key={`${request.point} ${request.floor}`} desk={desk} request={request} />
        ))}
        {held.length === 0 && !feed && <p class="none">{t('con.mics.empty')}</p>}
      </div>
      <div class="acts">
        <button type="button" class="key" data-act="closeAll" onClick={() => desk.floor.closeAll()}>
          {t('con.closeAll')} <small>{t('con.closeAll.sub')}</small> <span class="cap">⇧M</span>
        </button>
        <Guard act="end" done={() => desk.end()}>
          {t('con.end')} <span class="cap">{t('con.end.hold')}</span>
        </Guard>
      </div>
    </section>
  );
}

const minutesOffered = [0, 1, 2, 3, 5, 7, 10, 15, 20, 30];

/** How long a turn may take, and what happens at its end. */
function Limit({ desk }: { desk: Desk }) {
  const floor = desk.page.state.floor.value;
  const minutes = floor?.turnMinutes ?? 0;
  const atZero: AtZero = floor?.atZero ?? 'warn';
  const offered = minutesOffered.includes(minutes) ? minutesOffered : [...minutesOffered, minutes];
  return (
    <>
      <select
        aria-label={t('desk.limit')}
        title={t('desk.limit')}
        data-act="limit"
        value={String(minutes)}
        onChange={(e) => desk.floor.limit(Number(e.currentTarget.value), atZero)}
      >
        {offered.map((n) => (
          <option key={n} value={String(n)}>
            {n ? t('desk.limit.minutes', { n }) : t('desk.limit.none')}
          </option>
        ))}
      </select>
      <select
        aria-label={t('desk.limit.warn')}
        disabled={minutes === 0}
        value={atZero}
        onChange={(e) => desk.floor.limit(minutes, e.currentTarget.value as AtZero)}
      >
        <option value="warn">{t('desk.limit.warn')}</option>
        <option value="close">{t('desk.limit.close')}</option>
      </select>
    </>
  );
}

/** audible reports whether a holder is an open microphone: a speaker's, or the sound of a presentation. */
function audible(r: RequestView): boolean {
  return r.mic === 'on' && (r.floor === 'speech' || !r.soundOff);
}

function Held({ desk, request }: { desk: Desk; request: RequestView }) {
  const on = request.mic === 'on';
  const content = request.floor === 'content';
  const row = desk.page.state.row(request.point).value;
  const heard = audible(request);
  const shows = t(heard ? 'con.contentSound' : 'con.contentOn');
  const sub = content ? shows : on ? (row?.chair ? t('desk.chairMic') : '') : t('con.invited');
  return (
    <div
      class={`m ${heard ? 'is-air' : content ? '' : 'is-grant'}`}
      data-testid="held"
      data-point={request.point}
      data-floor={request.floor}
      data-mic={request.mic}
    >
      <Name desk={desk} point={request.point} sub={sub} />
      <Time desk={desk} request={request} />
      <button
        type="button"
        class="key"
        data-act="revoke"
        onClick={() => desk.floor.revoke({ point: request.point, floor: request.floor })}
      >
        {t(content ? 'con.cut.content' : on ? 'con.cut' : 'con.withdraw')} <span class="cap">M</span>
      </button>
      {(request.byDirection || request.check) && (
        <p class="by">{t(request.check ? 'desk.hear.sub' : 'con.byDirection')}</p>
      )}
      {heard && <Meter desk={desk} point={request.point} name={row?.name ?? request.point} />}
    </div>
  );
}

/** The time used, of how much; past its end it says so, and more can be given. */
function Time({ desk, request }: { desk: Desk; request: RequestView }) {
  const now = desk.page.now.value;
  const from = request.grantedAtMs ?? now;
  const ends = request.endsAtMs ?? 0;
  const over = ends > 0 && now >= ends;
  return (
    <span class={`tm ${over ? 'over' : ''}`}>
      {span(now - from)}
      {ends > 0 && <i>/{span(ends - from)}</i>}
      {over && <em>{t('desk.over')}</em>}
      {ends > 0 && ends - now < 60_000 && (
        <button
          type="button"
          class="key"
          data-act="extend"
          title={t('desk.extend')}
          onClick={() => desk.floor.extend(request.point, 1)}
        >
          {t('desk.extend.by', { n: 1 })}
        </button>
      )}
    </span>
  );
}
