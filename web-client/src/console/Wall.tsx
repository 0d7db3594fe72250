// All points at a glance: one still a point, each district from a new row where
// there is room for that, always in the same order.
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/i18n';
import { type District, districts } from '../state/districts';
import { number } from '../state/search';
import { lamp } from '../state/worst';
import { Icon } from '../ui/icons';
import type { Desk } from './desk';
import { dragPoint } from './drag';
import { type Box, fill, gaps } from './fill';
import { openWall } from './monitor';
import { Still } from './Still';

/** Wall is the matrix of stills under the rotation, or on a monitor of its own: as large as there is room for, with their names. */
export function Wall({ desk }: { desk: Desk }) {
  const groups = useComputed(() => {
    const { state } = desk.page;
    return districts(state.points.value.map((id) => state.row(id).peek()).filter((row) => row !== undefined));
  });
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
      <Stills desk={desk} groups={groups.value} />
    </section>
  );
}

function Stills({ desk, groups }: { desk: Desk; groups: District[] }) {
  const at = useRef<HTMLDivElement>(null);
  const box = useSignal<Box>({ width: 0, height: 0 });
  useEffect(() => {
    if (!at.current) return;
    const seen = new ResizeObserver(([entry]) => {
      if (entry) box.value = { width: entry.contentRect.width, height: entry.contentRect.height };
    });
    seen.observe(at.current);
    return () => seen.disconnect();
  }, [box]);
  const sizes = groups.map((g) => g.points.length);
  const { columns, width, grouped } = fill(sizes, box.value);
  const style = {
    '--columns': `repeat(${columns}, ${width}px)`,
    '--name': `${gaps.name}px`,
    '--gap': `${gaps.still}px`,
  };
  return (
    <div ref={at} class={grouped ? 'mx' : 'mx flat'} style={style}>
      {grouped && groups.map((group) => <Line key={group.name} group={group} desk={desk} />)}
      {!grouped && (
        <div class="cells">
          {groups.flatMap((group) => group.points.map((id) => <Cell key={id} id={id} desk={desk} />))}
        </div>
      )}
    </div>
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
  // That it is a people's committee goes without saying where there is little room.
  const short = row.name.replace(/^UBND (?=\S+ \S)/, '');
  const title = [number(row.number), [short, row.parent].filter(Boolean).join(', ')].join(' ');
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
      <span class="unit">
        <b class="num">{number(row.number)}</b> {short}
      </span>
      {weak.value && <Icon name="weak" />}
    </button>
  );
}
