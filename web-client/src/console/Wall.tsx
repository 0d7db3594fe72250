// All points at a glance: one row a district, one still a point, always in the
// same order.
import { useComputed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n/i18n';
import { type District, districts } from '../state/districts';
import { number } from '../state/search';
import { lamp } from '../state/worst';
import { Icon } from '../ui/icons';
import type { Desk } from './desk';
import { dragPoint } from './drag';
import { openWall } from './monitor';
import { Still } from './Still';

/** Wall is the matrix of stills under the rotation. */
export function Wall({ desk }: { desk: Desk }) {
  const groups = useComputed(() => {
    const { state } = desk.page;
    return districts(state.points.value.map((id) => state.row(id).peek()).filter((row) => row !== undefined));
  });
  const widest = useComputed(() => Math.max(12, ...groups.value.map((g) => Math.min(g.points.length, 26))));
  useEffect(() => desk.snapshots.show(), [desk]);
  return (
    <section class="p wall" aria-label={t('desk.wall')} data-testid="wall">
      <div class="h">
        <span>{t('desk.wall')}</span>
        <span class="q">{t('desk.wall.sub')}</span>
        <button type="button" class="key r" data-act="wall" onClick={() => openWall(desk)}>
          {t('desk.wall.open')} <span class="cap">V</span>
        </button>
      </div>
      <div class="mx" style={{ '--n': widest.value }}>
        {groups.value.map((group) => (
          <Line key={group.name} group={group} desk={desk} />
        ))}
      </div>
    </section>
  );
}

function Line({ group, desk }: { group: District; desk: Desk }) {
  return (
    <div class="line" role="group" aria-label={group.name || t('desk.tree.top')}>
      <b>{group.name.replace(/^(H|TP|TX|T)\.\s*/, '') || t('desk.tier.province')}</b>
      <div class="cells">
        {group.points.map((id) => (
          <Cell key={id} id={id} desk={desk} />
        ))}
      </div>
    </div>
  );
}

function Cell({ id, desk }: { id: string; desk: Desk }) {
  const row = desk.page.state.row(id).value;
  const chosen = useComputed(() => desk.floor.target.value?.point === id);
  const weak = useComputed(() => desk.page.state.lines.weak(id));
  if (!row) return null;
  const title = [number(row.number), [row.name, row.parent].filter(Boolean).join(', ')].join(' ');
  return (
    <button
      type="button"
      class={`sn is-${lamp(row, weak.value)} ${chosen.value ? 'sel' : ''}`}
      data-point={id}
      tabIndex={-1}
      title={title}
      aria-label={title}
      draggable
      onDragStart={(e) => dragPoint(e, id)}
      onClick={() => desk.floor.choose(id)}
      onDblClick={() => desk.mixer.put({ kind: 'point', point: id })}
    >
      <Still desk={desk} id={id} />
      {weak.value && <Icon name="weak" />}
    </button>
  );
}
