// All points at a glance, one lamp each in fixed order, so that a pattern shows
// without reading.
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { lamp } from '../state/worst';
import { Lamp } from '../ui/icons';
import type { Desk } from './desk';

/** Wall is the matrix of points under the monitors. */
export function Wall({ desk }: { desk: Desk }) {
  return (
    <section class="p wall" aria-label={t('con.wall')}>
      <div class="h">{t('con.wall')}</div>
      <div class="mx">
        {desk.page.state.points.value.map((id) => (
          <Cell key={id} id={id} desk={desk} />
        ))}
      </div>
    </section>
  );
}

function Cell({ id, desk }: { id: string; desk: Desk }) {
  const row = desk.page.state.row(id).value;
  if (!row) return null;
  const is = lamp(row);
  return (
    <button
      type="button"
      class={`cell is-${is} ${desk.target.value?.point === id ? 'sel' : ''}`}
      data-point={id}
      tabIndex={-1}
      title={[row.name, row.parent].filter(Boolean).join(', ')}
      onClick={() => desk.choose(id)}
      onDblClick={() => desk.put({ kind: 'point', point: id })}
    >
      <Lamp is={is} />
      <span class="num">{number(row.number)}</span>
      <span class="nm">{row.name}</span>
    </button>
  );
}
