// Preview and program, as on a vision mixer: green is ready, red is out.
import { useComputed } from '@preact/signals';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { Lamp } from '../ui/icons';
import { Picture } from '../ui/Picture';
import type { Binding } from '../wire';
import type { Desk } from './desk';

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
  const { page, preview } = desk;
  const tiles = useComputed(() => desk.previewTiles());
  return (
    <section class="bus is-grant" aria-label={t('con.preview')}>
      <div class="h">
        <b>{t('con.preview')}</b>
        <span class="q">{t(`layout.${preview.value.kind}`)}</span>
        <Audiences desk={desk} />
      </div>
      <div class="mon">
        <Picture
          name="preview"
          layout={preview.value.kind}
          tiles={tiles.value}
          streams={page.video.value}
          chairPoint={page.state.meeting.value?.chairPoint}
          chosen={desk.tile.value}
          onTile={(i) => {
            desk.tile.value = i;
          }}
          foot={(i) => <Foot desk={desk} index={i} binding={preview.value.tiles[i]} />}
        />
      </div>
    </section>
  );
}

function Program({ desk }: { desk: Desk }) {
  const { page, program } = desk;
  const tiles = useComputed(() => desk.programTiles());
  const { state } = page;
  return (
    <section class="bus is-air" aria-label={t('con.program')}>
      <div class="h">
        <Lamp is="air" />
        <b>{t('con.program')}</b>
        <span class="q">
          {desk.follows.value ? t('con.aud.follow') : `${audienceName(desk)} · ${t(`layout.${program.value.kind}`)}`}
        </span>
        {desk.audience.value !== 'all' && !desk.follows.value && (
          <button type="button" class="key r" data-act="clear" onClick={() => desk.clear()}>
            {t('con.aud.clear')}
          </button>
        )}
      </div>
      <div class="mon">
        <Picture
          name="program"
          layout={
            desk.audience.value === 'all' ? (state.picture.value?.layout ?? program.value.kind) : program.value.kind
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
  const audience = desk.audience.value;
  if (audience === 'all') return t('con.seeing', { n: desk.page.state.meeting.value?.present ?? 0 });
  if (audience === 'chair') return t('con.aud.chair');
  return desk.page.state.row(audience.replace(/^point:/, '')).value?.name ?? '';
}

function Audiences({ desk }: { desk: Desk }) {
  const audience = desk.audience.value;
  const point = desk.target.value?.point;
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
          onClick={() => desk.look(to)}
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
  const typing = desk.tile.value === index && desk.typed.value !== '';
  return (
    <>
      {typing && <b class="typed num">{desk.typed.value}</b>}
      <em>
        {t('con.tile', { n: index + 1 })} · {typing ? t('con.type') : t(bindingWords[binding?.kind ?? 'blank'])}
      </em>
    </>
  );
}
