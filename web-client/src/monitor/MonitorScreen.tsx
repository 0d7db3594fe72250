// The second monitor: every point's still, or live pictures of 25 at a time.
import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Desk } from '../console/desk';
import { tellChosen } from '../console/monitor';
import { Wall } from '../console/Wall';
import { mostWatched } from '../console/watched';
import { clock } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { shown } from '../state/shown';
import { Door, shutWords } from '../ui/Door';
import { Down } from '../ui/Down';
import { Picture } from '../ui/Picture';
import { type LayoutKind, layoutTiles, type TileView } from '../wire';

/** MonitorScreen is the whole second monitor. */
export function MonitorScreen({ desk }: { desk: Desk }) {
  const live = useSignal(false);
  const at = useSignal(0);
  const { page } = desk;
  const present = useComputed(() =>
    page.state
      .all()
      .filter((row) => row.presence === 'present')
      .map((row) => row.id),
  );
  const pages = Math.max(1, Math.ceil(present.value.length / mostWatched));
  const from = Math.min(at.value, pages - 1) * mostWatched;
  const ids = present.value.slice(from, from + mostWatched);
  const watched = live.value ? ids.join() : '';
  useEffect(() => {
    desk.watched.looked.value = watched ? watched.split(',') : [];
  }, [desk, watched]);
  useEffect(() => desk.floor.chosen.subscribe((to) => to && tellChosen(to.point)), [desk]);
  if (page.shut.value) return <Door words={shutWords(page.shut.value)} />;
  if (!page.state.meeting.value) return <Door words={t(page.state.known.value ? 'idle.none' : 'wait.view')} />;
  return (
    <main class="console monitor" data-testid="monitor">
      <header class="p top">
        <h1 class="unseen">{t('desk.wall')}</h1>
        <div class="mode" role="radiogroup" aria-label={t('desk.wall')}>
          {([false, true] as const).map((on) => (
            <button
              type="button"
              key={String(on)}
              role="radio"
              aria-checked={live.value === on}
              class={`key ${live.value === on ? 'on' : ''}`}
              data-act={on ? 'live' : 'stills'}
              onClick={() => {
                live.value = on;
              }}
            >
              {t(on ? 'desk.wall.mode.live' : 'desk.wall.mode.snap')}
            </button>
          ))}
        </div>
        {live.value && (
          <button
            type="button"
            class="key"
            data-act="next-page"
            disabled={pages === 1}
            onClick={() => {
              at.value = (at.value + 1) % pages;
            }}
          >
            {t('desk.wall.page', { n: from / mostWatched + 1, all: pages })}
          </button>
        )}
        {live.value && <span class="q">{t('desk.wall.live', { n: ids.length })}</span>}
        <div class="clock">
          <b>{clock(page.now.value)}</b>
          <span>{t('con.clock')}</span>
        </div>
      </header>
      {live.value ? <Live desk={desk} ids={ids} /> : <Wall desk={desk} />}
      <Down page={page} />
    </main>
  );
}

/** smallest is the even layout with room for so many pictures. */
function smallest(pictures: number): LayoutKind {
  const even: LayoutKind[] = ['1', '1+1', '2x2', '3x3', '4x4'];
  return even.find((kind) => layoutTiles[kind] >= pictures) ?? '5x5';
}

function Live({ desk, ids }: { desk: Desk; ids: string[] }) {
  const { state, video } = desk.page;
  const tiles = ids.map((id): TileView => {
    const row = state.row(id).value;
    return { source: `${id}/camera`, name: row?.name, parent: row?.parent, mic: row?.mic };
  });
  return (
    <section class="p live" aria-label={t('desk.wall.mode.live')}>
      <div class="mon">
        <Picture
          name="live"
          layout={smallest(ids.length)}
          tiles={shown(tiles, state.slots.value, state.live.value)}
          streams={video.value}
          onTile={(i) => ids[i] && desk.floor.choose(ids[i])}
        />
      </div>
    </section>
  );
}
