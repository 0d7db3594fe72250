// One point of the list: shape, number, name, one word. It alone is drawn
// again when the point changes.
import { useComputed } from '@preact/signals';
import { hour, span } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { type Lamp as LampName, lamp } from '../state/worst';
import { Lamp } from '../ui/icons';
import type { RosterRow } from '../wire';
import { copyChosen } from './clipboard';
import type { Desk } from './desk';
import { dragPoint } from './drag';

/** Row draws one point, and where it is called, below the chosen one whom to call. */
export function Row({ id, desk, called = false }: { id: string; desk: Desk; called?: boolean }) {
  const row = desk.page.state.row(id).value;
  const loss = desk.page.state.lines.word(id).value;
  const chosen = useComputed(() => desk.floor.target.value?.point === id);
  const alarm = useComputed(() => desk.alarms.fresh(id));
  if (!row) return null;
  const is = lamp(row, loss !== '');
  return (
    <>
      <button
        type="button"
        class={`row is-${is} ${chosen.value ? 'sel' : ''} ${alarm.value ? 'alarm' : ''}`}
        data-testid="row"
        data-item
        data-point={id}
        data-presence={row.presence}
        data-mic={row.mic}
        aria-pressed={chosen.value}
        draggable
        onDragStart={(e) => dragPoint(e, id)}
        onClick={() => desk.floor.choose(id)}
        onDblClick={() => desk.mixer.put({ kind: 'point', point: id })}
      >
        <Lamp is={is} />
        <span class="no num">{number(row.number)}</span>
        <span class="nm">
          {row.name}
          <small>{row.parent}</small>
          {row.simulated && <small class="sim">{t('tile.sim')}</small>}
        </span>
        <Word row={row} is={is} loss={loss} desk={desk} />
      </button>
      {called && chosen.value && <Officer row={row} desk={desk} />}
    </>
  );
}

/** Whom to call: the focal officers of the point and their telephones. */
function Officer({ row, desk }: { row: RosterRow; desk: Desk }) {
  const officers = row.card?.officers ?? [];
  return (
    <div class="officer" data-testid="officer">
      {officers.length === 0 && <span>{t('desk.noOfficer')}</span>}
      {officers.slice(0, 2).map((o) => (
        <span key={`${o.name} ${o.phone}`}>
          <b>{o.name}</b> <span class="num">{o.phone}</span>
        </span>
      ))}
      <button type="button" class="key" data-act="copy" onClick={() => copyChosen(desk)}>
        {t('desk.copy')} <span class="cap">K</span>
      </button>
    </div>
  );
}

interface WordProps {
  row: RosterRow;
  is: LampName;
  loss: string;
  desk: Desk;
}

function Word({ row, is, loss, desk }: WordProps) {
  if (row.asking) return <span class="w is-ask">{t(row.presence === 'absent' ? 'desk.waits' : 'point.takeover')}</span>;
  // Only a state that is being counted reads the clock.
  const since = () => (row.sinceMs ? ` ${span(desk.page.now.value - row.sinceMs)}` : '');
  switch (is) {
    case 'lost':
      return <span class="w num">{t('point.lost') + since()}</span>;
    case 'off':
      return <span class="w">{absent(row)}</span>;
    case 'air':
      return <span class="w">{t('point.speaking')}</span>;
    case 'grant':
      return <span class="w">{t('point.invited')}</span>;
    case 'ask':
      return <span class="w">{row.place ? t('point.asked', { n: row.place }) : t('point.asked.only')}</span>;
    case 'weak':
      // It may also be far, or have no room for a picture, and lose nothing.
      return (
        <span class="w num">
          {Number(loss) > 0 ? t('desk.weak.loss', { loss: loss.replace('.', ',') }) : t('desk.weak')}
        </span>
      );
    default:
      return <span class="w quiet">{row.chair ? t('chair.point') : row.late ? t('desk.late') : ''}</span>;
  }
}

function absent(row: RosterRow): string {
  if (row.leftEarly) return t('desk.left');
  if (row.summonedAtMs) return `${t('point.absent')} · ${t('desk.summoned', { time: hour(row.summonedAtMs) })}`;
  return t('point.absent');
}
