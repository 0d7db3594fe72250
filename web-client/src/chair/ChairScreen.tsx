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
      <Connected tablet={tablet} />
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
          <b class="tm num">{span(now.value - (at.grantedAtMs ?? now.value))}</b>
        </div>
      ) : (
        <p class="calm">{t(tablet.micOn.value ? 'ch.quiet.chair' : 'ch.quiet')}</p>
      )}
    </section>
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
        <Request key={request.point} tablet={tablet} request={request} place={i + 1} chosen={request === next.value} />
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
      </span>
      <span class="w">
        <span class="num">{span(tablet.page.now.value - request.askedAtMs)}</span>
        {t(chosen ? 'ch.next' : 'con.waited')}
      </span>
    </button>
  );
}

/** Where the speaking order will stand: for now, who is here. */
function Connected({ tablet }: { tablet: Tablet }) {
  const rows = tablet.page.state.all();
  const here = rows.filter((row) => row.presence === 'present');
  const away = rows.filter((row) => row.presence !== 'present');
  return (
    <section class="points" data-testid="points" aria-label={t('ch.points')}>
      <h2>
        {t('ch.points')}
        <span>{t('ch.connected', { n: here.length, all: rows.length })}</span>
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is also scrolled by keys */}
      <ul tabIndex={0}>
        {[...away, ...here].map((row) => (
          <li key={row.id} class={row.presence === 'lost' ? 'is-lost' : row.presence === 'absent' ? 'is-off' : ''}>
            <Lamp
              is={
                row.presence === 'lost'
                  ? 'lost'
                  : row.presence === 'absent'
                    ? 'off'
                    : row.mic === 'on'
                      ? 'air'
                      : 'closed'
              }
            />
            {row.name}
          </li>
        ))}
      </ul>
    </section>
  );
}
