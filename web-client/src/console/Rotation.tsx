// The rotation: whom it shows, who comes next, and how long each still has.
import { useComputed } from '@preact/signals';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import type { RotationView } from '../wire';
import type { Desk } from './desk';
import { Panel } from './Panel';
import { Still } from './Still';

const secondsOffered = [5, 10, 15, 20, 30, 60];
const standard = 10;
/** How many points the strip shows: the one before, the one of now, and who comes. */
const strip = 9;

/** Rotation is the strip under the layout keys. */
export function Rotation({ desk }: { desk: Desk }) {
  const rotation = desk.page.state.rotation.value;
  const points = rotation?.points ?? [];
  return (
    <section class="p rotation" aria-label={t('desk.rotation')} data-testid="rotation">
      <div class="about">
        <h2>{t('desk.rotation')}</h2>
        <Step desk={desk} rotation={rotation} />
        <div class="keys">
          <button
            type="button"
            class="key"
            data-act="rotation-pause"
            disabled={points.length === 0}
            aria-pressed={rotation?.paused === true}
            onClick={() => desk.pauseRotation()}
          >
            {t(rotation?.paused ? 'desk.rotation.resume' : 'desk.rotation.pause')} <span class="cap">P</span>
          </button>
          <button
            type="button"
            class="key"
            data-act="rotation-stop"
            disabled={points.length === 0}
            onClick={() => set(desk, [], rotation?.seconds ?? standard)}
          >
            {t('desk.rotation.stop')}
          </button>
        </div>
      </div>
      <Strip desk={desk} rotation={rotation} />
      <Add desk={desk} rotation={rotation} />
    </section>
  );
}

/** RotationPanel is the same over the desk, where the screen has no room for the strip. */
export function RotationPanel({ desk }: { desk: Desk }) {
  const close = () => {
    desk.panel.value = '';
  };
  return (
    <Panel name="rotation-panel" title={t('desk.rotation')} close={close} wide>
      <Rotation desk={desk} />
    </Panel>
  );
}

function set(desk: Desk, points: string[], seconds: number): void {
  void desk.acts.say(t('desk.rotation'), 'rotation.set', { points, seconds });
}

function Step({ desk, rotation }: { desk: Desk; rotation: RotationView | null }) {
  const seconds = rotation?.seconds || standard;
  const left = rotation?.sinceMs && !rotation.paused ? rotation.sinceMs + seconds * 1000 - desk.page.now.value : 0;
  const offered = secondsOffered.includes(seconds)
    ? secondsOffered
    : [...secondsOffered, seconds].sort((a, b) => a - b);
  return (
    <p>
      <select
        aria-label={t('desk.rotation')}
        value={String(seconds)}
        onChange={(e) => set(desk, rotation?.points ?? [], Number(e.currentTarget.value))}
      >
        {offered.map((n) => (
          <option key={n} value={String(n)}>
            {t('desk.rotation.step', { n })}
          </option>
        ))}
      </select>
      {left > 0 && <span class="num">{t('desk.rotation.left', { n: Math.ceil(left / 1000) })}</span>}
    </p>
  );
}

function Strip({ desk, rotation }: { desk: Desk; rotation: RotationView | null }) {
  const points = rotation?.points ?? [];
  if (!rotation || points.length === 0) return <p class="none">{t('desk.rotation.none')}</p>;
  const at = Math.max(0, points.indexOf(rotation.current ?? ''));
  const from = Math.max(0, Math.min(at - 1, points.length - strip));
  return (
    <ol class="seq">
      {points.slice(from, from + strip).map((id, i) => (
        <Stop key={id} id={id} desk={desk} when={from + i - at} rotation={rotation} />
      ))}
    </ol>
  );
}

interface StopProps {
  id: string;
  desk: Desk;
  /** How many turns until it is shown: 0 now, below 0 it has been. */
  when: number;
  rotation: RotationView;
}

function Stop({ id, desk, when, rotation }: StopProps) {
  const row = desk.page.state.row(id).value;
  const name = row ? `${number(row.number)} ${row.name}` : id;
  const skipped = row?.presence !== 'present';
  return (
    <li class={`${when === 0 ? 'now' : when < 0 ? 'done' : ''} ${skipped ? 'skip' : ''}`} data-point={id}>
      <Still desk={desk} id={id} />
      {skipped && <b>{t('desk.rotation.skip')}</b>}
      <button
        type="button"
        class="key x"
        title={t('desk.rotation.out', { point: name })}
        aria-label={t('desk.rotation.out', { point: name })}
        onClick={() =>
          set(
            desk,
            rotation.points.filter((p) => p !== id),
            rotation.seconds,
          )
        }
      >
        ×
      </button>
      <p>{name}</p>
    </li>
  );
}

/** Who can be added: the chosen point, or all who are here. */
function Add({ desk, rotation }: { desk: Desk; rotation: RotationView | null }) {
  const here = useComputed(() =>
    desk.page.state
      .all()
      .filter((row) => row.presence === 'present' && !row.chair)
      .map((row) => row.id),
  );
  const row = desk.row.value;
  const points = rotation?.points ?? [];
  const seconds = rotation?.seconds || standard;
  const can = row !== undefined && row !== null && !points.includes(row.id);
  return (
    <div class="add">
      <button
        type="button"
        class="key"
        data-act="rotation-add"
        disabled={!can}
        onClick={() => row && set(desk, [...points, row.id], seconds)}
      >
        {t('desk.rotation.add', { point: row?.name ?? t('con.aud.none') })}
      </button>
      <button
        type="button"
        class="key"
        data-act="rotation-all"
        disabled={here.value.length === 0}
        onClick={() => set(desk, here.value, seconds)}
      >
        {t('desk.rotation.here')}
      </button>
    </div>
  );
}
