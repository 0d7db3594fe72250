// The tree: one row of lamps a district, one lamp a point, always in the same
// order, so that a valley that is dark shows without reading.
import { useComputed, useSignal } from '@preact/signals';
import { t } from '../i18n/i18n';
import { type District, districts } from '../state/districts';
import { number } from '../state/search';
import { lamp } from '../state/worst';
import type { RosterRow } from '../wire';
import type { Desk } from './desk';
import { dragPoint } from './drag';
import { useIds } from './ids';
import { Row } from './Row';

/** Tree is the lower half of the left column. */
export function Tree({ desk }: { desk: Desk }) {
  // The grouping hangs on which points there are, not on their states.
  const groups = useComputed(() => {
    const ids = desk.page.state.points.value;
    return districts(ids.map((id) => desk.page.state.row(id).peek()).filter((row) => row !== undefined));
  });
  return (
    <>
      <div class="sub">
        <span>{t('desk.tree')}</span>
        <span>{t('desk.tree.lamps')}</span>
      </div>
      <div class="rows districts">
        {groups.value.map((group) => (
          <Lamps key={group.name} group={group} desk={desk} />
        ))}
      </div>
    </>
  );
}

/** A meeting of so few points shows all their names; a larger one those of a district that is opened. */
const fewPoints = 40;

function Lamps({ group, desk }: { group: District; desk: Desk }) {
  const { state } = desk.page;
  const opened = useSignal(state.points.peek().length <= fewPoints);
  const named = useIds(() => group.points.filter((id) => opened.value || speaks(state.row(id).value)));
  const first = state.row(group.points[0] ?? '').peek();
  const present = useComputed(() => group.points.filter((id) => state.row(id).value?.presence === 'present').length);
  return (
    <div class="dis" data-testid="district">
      <button
        type="button"
        class="name"
        aria-expanded={opened.value}
        onClick={() => {
          opened.value = !opened.value;
        }}
      >
        <span class="num">{first ? number(first.number) : ''}</span>
        {group.name || t('desk.tree.top')}
        <span class="num">
          <b>{present.value}</b>/{group.points.length}
        </span>
      </button>
      <div class="leds">
        {group.points.map((id) => (
          <Led key={id} id={id} desk={desk} />
        ))}
      </div>
      <div data-list>
        {named.value.map((id) => (
          <Row key={id} id={id} desk={desk} />
        ))}
      </div>
    </div>
  );
}

/** Whoever speaks or is asked to is named in the tree as well. */
function speaks(row: RosterRow | undefined): boolean {
  return row !== undefined && (lamp(row) === 'air' || lamp(row) === 'grant');
}

function Led({ id, desk }: { id: string; desk: Desk }) {
  const row = desk.page.state.row(id).value;
  const weak = useComputed(() => desk.page.state.lines.weak(id));
  const chosen = useComputed(() => desk.floor.target.value?.point === id);
  if (!row) return null;
  const title = [number(row.number), row.name].join(' ');
  return (
    <button
      type="button"
      class={`led is-${lamp(row, weak.value)} ${chosen.value ? 'sel' : ''}`}
      data-point={id}
      tabIndex={-1}
      title={title}
      aria-label={title}
      draggable
      onDragStart={(e) => dragPoint(e, id)}
      onClick={() => desk.floor.choose(id)}
      onDblClick={() => desk.mixer.put({ kind: 'point', point: id })}
    />
  );
}
