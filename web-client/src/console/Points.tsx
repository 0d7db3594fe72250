// The points of the meeting, one row each: shape, number, name, one word.
import { useComputed } from '@preact/signals';
import { span } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { matches, number } from '../state/search';
import { type Lamp as LampName, lamp, worstFirst } from '../state/worst';
import { Icon, Lamp } from '../ui/icons';
import type { RosterRow } from '../wire';
import type { Desk } from './desk';

/** Points is the left column: search, filters, rows. */
export function Points({ desk }: { desk: Desk }) {
  const ids = useComputed(() => visible(desk).map((row) => row.id));
  return (
    <aside class="p tree">
      <div class="h">
        <span>{t('con.points')}</span>
        <button
          type="button"
          class="key r"
          data-act="worst"
          aria-pressed={desk.worst.value}
          onClick={() => {
            desk.worst.value = !desk.worst.value;
          }}
        >
          {t('con.worst')}
          <span class="cap">W</span>
        </button>
      </div>
      <label class="find">
        <Icon name="search" />
        <input
          type="search"
          data-testid="search"
          placeholder={t('con.search')}
          aria-label={t('con.search')}
          value={desk.query.value}
          onInput={(e) => {
            desk.query.value = e.currentTarget.value;
          }}
        />
        <span class="cap">/</span>
      </label>
      <Filters desk={desk} />
      <div class="rows" data-list>
        {ids.value.map((id) => (
          <Row key={id} id={id} desk={desk} />
        ))}
        {ids.value.length === 0 && <p class="none">{t('con.none')}</p>}
      </div>
    </aside>
  );
}

function visible(desk: Desk): RosterRow[] {
  const only = desk.only.value;
  const rows = desk.page.state
    .all()
    .filter((row) => (only === 'all' || lamp(row) === only) && matches(row, desk.query.value));
  return desk.worst.value ? worstFirst(rows) : rows;
}

const filters = ['all', 'lost', 'air', 'off', 'ask'] as const;
const filterWords = { lost: 'con.lost', air: 'con.micsOn', off: 'con.absent', ask: 'con.asking' } as const;

function Filters({ desk }: { desk: Desk }) {
  const rows = desk.page.state.all();
  return (
    <div class="chips">
      {filters.map((only) => (
        <button
          type="button"
          key={only}
          class={`key ${desk.only.value === only ? 'on' : ''}`}
          data-act={`only-${only}`}
          aria-pressed={desk.only.value === only}
          onClick={() => {
            desk.only.value = only;
          }}
        >
          {only !== 'all' && <Lamp is={only} />}
          {only === 'all' ? t('con.all', { n: rows.length }) : t(filterWords[only])}
        </button>
      ))}
    </div>
  );
}

/** Row draws one point; it alone is drawn again when the point changes. */
function Row({ id, desk }: { id: string; desk: Desk }) {
  const row = desk.page.state.row(id).value;
  if (!row) return null;
  const is = lamp(row);
  const chosen = desk.target.value?.point === id;
  return (
    <button
      type="button"
      class={`row is-${is} ${chosen ? 'sel' : ''}`}
      data-testid="row"
      data-item
      data-point={id}
      data-presence={row.presence}
      data-mic={row.mic}
      aria-pressed={chosen}
      onClick={() => desk.choose(id)}
      onDblClick={() => desk.put({ kind: 'point', point: id })}
    >
      <Lamp is={is} />
      <span class="no num">{number(row.number)}</span>
      <span class="nm">
        {row.name}
        <small>{row.parent}</small>
        {row.simulated && <small class="sim">{t('tile.sim')}</small>}
      </span>
      <Word row={row} is={is} desk={desk} />
    </button>
  );
}

function Word({ row, is, desk }: { row: RosterRow; is: LampName; desk: Desk }) {
  if (row.asking) return <span class="w is-ask">{t('point.takeover')}</span>;
  // Only a state that is being counted reads the clock.
  const since = () => (row.sinceMs ? ` ${span(desk.page.now.value - row.sinceMs)}` : '');
  switch (is) {
    case 'lost':
      return <span class="w num">{t('point.lost') + since()}</span>;
    case 'off':
      return <span class="w">{t('point.absent')}</span>;
    case 'air':
      return <span class="w">{t('point.speaking')}</span>;
    case 'grant':
      return <span class="w">{t('point.invited')}</span>;
    case 'ask':
      return <span class="w">{row.place ? t('point.asked', { n: row.place }) : t('point.asked.only')}</span>;
    default:
      return <span class="w quiet">{row.chair ? t('chair.point') : ''}</span>;
  }
}
