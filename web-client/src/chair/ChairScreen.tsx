// The chair's screen: who speaks, who asks, seven keys, one of them large. A
// control never moves because its state changed; a key that can do nothing
// goes hollow.
import { useComputed } from '@preact/signals';
import { clock, span } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { shown } from '../state/shown';
import { Door, LangSwitch, shutWords } from '../ui/Door';
import { Down } from '../ui/Down';
import { Icon, Lamp } from '../ui/icons';
import { Picture } from '../ui/Picture';
import type { RequestView } from '../wire';
import { Keys } from './Keys';
import { Order } from './Order';
import { Search } from './Search';
import type { Tablet } from './tablet';

/** ChairScreen is the whole tablet. */
export function ChairScreen({ tablet }: { tablet: Tablet }) {
  const { page } = tablet;
  if (page.shut.value) return <Door words={shutWords(page.shut.value)} />;
  const meeting = page.state.meeting.value;
  if (!meeting) return <Door words={t(page.state.known.value ? 'idle.none' : 'wait.view')} />;
  if (meeting.status !== 'open') return <Door words={t('ended.title')} />;
  const bad = page.downSince.value > 0 || page.socket.value === 'lost';
  return (
    <main class="chair" data-testid="chair">
      <header class="top">
        <b>{t('app.chair')}</b>
        <span class="title">{meeting.title}</span>
        <LangSwitch />
        <span class="link" data-testid="link" data-state={bad ? 'lost' : 'good'}>
          <Icon name={bad ? 'lost' : 'line'} />
          {t(bad ? 'link.lost' : 'link.good')}
        </span>
        <b class="num">{clock(page.now.value)}</b>
      </header>
      <Now tablet={tablet} />
      <Next tablet={tablet} />
      <Order tablet={tablet} />
      <Keys tablet={tablet} />
      <Down page={page} />
      {page.notice.value && (
        <p class="toast" role="alert" data-testid="notice">
          {page.notice.value}
        </p>
      )}
      {tablet.searching.value && <Search tablet={tablet} />}
    </main>
  );
}

function Now({ tablet }: { tablet: Tablet }) {
  const { page, speaking } = tablet;
  const { state, video, now } = page;
  const tiles = useComputed(() =>
    shown((state.picture.value?.tiles ?? []).slice(0, 1), state.slots.value, state.live.value),
  );
  const at = speaking.value;
  const row = at && tablet.row(at.point);
  const on = at?.mic === 'on';
  return (
    <section class={`now ${at ? (on ? 'is-air' : 'is-grant') : ''}`} data-testid="now" data-point={at?.point ?? ''}>
      <div class="screen" hidden={!at}>
        <Picture name="picture" layout="1" tiles={tiles.value} streams={video.value} />
      </div>
      {at && row ? (
        <div class="who">
          <span class="tag">
            {on ? <Icon name="air" /> : <Icon name="mic" />}
            {t(on ? 'mic.on' : 'ch.invited')}
          </span>
          <h1>{row.name}</h1>
          <p>{row.parent || '\u00a0'}</p>
          <Time from={at.grantedAtMs ?? now.value} ends={at.endsAtMs ?? 0} now={now.value} />
        </div>
      ) : (
        <h1 class="calm">{t(tablet.micOn.value ? 'ch.quiet.chair' : 'ch.quiet')}</h1>
      )}
    </section>
  );
}

/** The time used, of how much, as figures and as a bar. */
function Time({ from, ends, now }: { from: number; ends: number; now: number }) {
  const used = Math.min(100, (100 * (now - from)) / Math.max(1, ends - from));
  return (
    <div class={`tm ${ends && now >= ends ? 'over' : ''}`}>
      <b class="num">{span(now - from)}</b>
      {ends > 0 && <span>{t('ch.of', { time: span(ends - from) })}</span>}
      {ends > 0 && (
        <span class="bar">
          <i style={{ width: `${used}%` }} />
        </span>
      )}
    </div>
  );
}

function Next({ tablet }: { tablet: Tablet }) {
  const { waiting, first, next } = tablet;
  const more = waiting.value.length - first.value.length;
  return (
    <section class="next" aria-label={t('con.queue')}>
      <h2>
        <Lamp is="ask" />
        {t('con.queue')}
        {more > 0 && <span>{t('ch.more', { n: more })}</span>}
      </h2>
      {first.value.map((request, i) => (
        <Request
          key={request.point}
          tablet={tablet}
          request={request}
          place={i + 1}
          chosen={request === next.value?.request}
        />
      ))}
      {first.value.length === 0 && <p class="calm">{t('ch.queue.empty')}</p>}
    </section>
  );
}

interface RequestProps {
  tablet: Tablet;
  request: RequestView;
  place: number;
  chosen: boolean;
}

function Request({ tablet, request, place, chosen }: RequestProps) {
  const row = tablet.row(request.point);
  return (
    <button
      type="button"
      class={`rq ${chosen ? 'sel' : ''}`}
      data-testid="request"
      data-point={request.point}
      aria-pressed={chosen}
      onClick={() => tablet.pick(request.point)}
    >
      <span class="n">{place}</span>
      <span class="name">
        <b>{row?.name ?? request.point}</b> <small>{row?.parent}</small>
        <Said request={request} />
      </span>
      <span class="w">
        <span class="num">{span(tablet.page.now.value - request.askedAtMs)}</span>
        {t(chosen ? 'ch.next' : 'con.waited')}
      </span>
    </button>
  );
}

/** Who will speak, on what, and what the controller notes. */
function Said({ request }: { request: RequestView }) {
  const said = [request.delegate, request.subject].filter(Boolean).join(': ');
  const words = [said, request.note].filter(Boolean).join(' · ');
  return words ? <small class="said">{words}</small> : null;
}
