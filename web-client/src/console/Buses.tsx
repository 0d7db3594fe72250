// Preview and program, as on a vision mixer: green is ready, red is out.
import { useComputed } from '@preact/signals';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { Lamp } from '../ui/icons';
import { Picture } from '../ui/Picture';
import type { Binding } from '../wire';
import type { Desk } from './desk';
import { carried, dragTile, takes } from './drag';

/** Buses are the two monitors side by side. */
export function Buses({ desk }: { desk: Desk }) {
  return (
    <div class="buses">
      <Preview desk={desk} />
      <Program desk={desk} />
    </div>
  );
}

function Preview({ desk }: { desk: Desk }) {
  const { page, mixer } = desk;
  const { preview } = mixer;
  const tiles = useComputed(() => mixer.previewTiles());
  return (
    <section class="bus is-grant" aria-label={t('con.preview')}>
      <div class="h">
        <b>{t('con.preview')}</b>
        <span class="q">{t(`layout.${preview.value.kind}`)}</span>
        <Audiences desk={desk} />
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the tiles inside are buttons, and everything here can be typed */}
      <div
        class="mon"
        onDragStart={(e) => dragTile(e, indexOf(e) ?? 0)}
        onDragOver={takes}
        onDrop={(e) => drop(desk, e)}
      >
        <Picture
          name="preview"
          layout={preview.value.kind}
          tiles={tiles.value}
          streams={page.video.value}
          chairPoint={page.state.meeting.value?.chairPoint}
          chosen={mixer.tile.value}
          onTile={(i) => {
            mixer.tile.value = i;
          }}
          foot={(i) => <Foot desk={desk} index={i} binding={preview.value.tiles[i]} />}
        />
      </div>
    </section>
  );
}

/** indexOf is the tile an event is over. */
function indexOf(e: Event): number | undefined {
  const at = (e.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset.index;
  return at === undefined ? undefined : Number(at);
}

/** A point that is dropped is bound to the tile; a tile changes places with it. */
function drop(desk: Desk, e: DragEvent): void {
  const to = indexOf(e);
  const { point, tile } = carried(e);
  if (to === undefined) return;
  e.preventDefault();
  if (point) desk.mixer.put({ kind: 'point', point }, to);
  else if (tile !== undefined) desk.mixer.swap(tile, to);
}

function Program({ desk }: { desk: Desk }) {
  const { page, mixer } = desk;
  const { program } = mixer;
  const tiles = useComputed(() => mixer.programTiles());
  const { state } = page;
  return (
    <section class="bus is-air" aria-label={t('con.program')}>
      <div class="h">
        <Lamp is="air" />
        <b>{t('con.program')}</b>
        <span class="q">
          {mixer.follows.value ? t('con.aud.follow') : `${audienceName(desk)} · ${t(`layout.${program.value.kind}`)}`}
        </span>
        {mixer.audience.value !== 'all' && !mixer.follows.value && (
          <button type="button" class="key r" data-act="clear" onClick={() => mixer.clear()}>
            {t('con.aud.clear')}
          </button>
        )}
      </div>
      <div class="mon">
        <Picture
          name="program"
          layout={
            mixer.audience.value === 'all' ? (state.picture.value?.layout ?? program.value.kind) : program.value.kind
          }
          tiles={tiles.value}
          streams={page.video.value}
          chairPoint={state.meeting.value?.chairPoint}
        />
      </div>
    </section>
  );
}

function audienceName(desk: Desk): string {
  const audience = desk.mixer.audience.value;
  if (audience === 'all') return t('con.seeing', { n: desk.page.state.meeting.value?.present ?? 0 });
  if (audience === 'chair') return t('con.aud.chair');
  return desk.page.state.row(audience.replace(/^point:/, '')).value?.name ?? '';
}

function Audiences({ desk }: { desk: Desk }) {
  const audience = desk.mixer.audience.value;
  const point = desk.floor.target.value?.point;
  const one = audience.startsWith('point:') ? audience : point ? `point:${point}` : '';
  const name = one && desk.page.state.row(one.slice('point:'.length)).value;
  const keys: [string, string, string, boolean][] = [
    ['all', 'all', t('con.aud.all'), true],
    ['chair', 'chair', t('con.aud.chair'), true],
    [one, 'point', name ? `${number(name.number)} ${name.name}` : t('con.aud.point'), one !== ''],
  ];
  return (
    <div class="aud r" role="radiogroup" aria-label={t('con.aud.label')}>
      {keys.map(([to, act, words, can]) => (
        <button
          type="button"
          key={act}
          role="radio"
          aria-checked={to === audience}
          class={`key ${to === audience ? 'on' : ''}`}
          data-act={`audience-${act}`}
          disabled={!can}
          title={can ? words : t('con.aud.none')}
          onClick={() => desk.mixer.look(to)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}

const bindingWords = {
  speaker: 'con.bind.speaker',
  chair: 'con.bind.chair',
  content: 'con.bind.content',
  previous: 'con.bind.previous',
  rotation: 'con.bind.rotation',
  blank: 'con.bind.blank',
  point: 'con.bind.point',
} as const;

function Foot({ desk, index, binding }: { desk: Desk; index: number; binding: Binding | undefined }) {
  const { tile, typed } = desk.mixer;
  const typing = tile.value === index && typed.value !== '';
  return (
    <>
      {typing && <b class="typed num">{typed.value}</b>}
      <em>
        {t('con.tile', { n: index + 1 })} · {typing ? t('con.type') : t(bindingWords[binding?.kind ?? 'blank'])}
      </em>
    </>
  );
}
