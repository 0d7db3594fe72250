// A point's newest still, or the shape of why there is none.
import { useComputed } from '@preact/signals';
import { lamp } from '../state/worst';
import { Lamp } from '../ui/icons';
import type { Desk } from './desk';

/** Still is as large as its place; its words stand beside it. */
export function Still({ desk, id }: { desk: Pick<Desk, 'page' | 'snapshots'>; id: string }) {
  const is = useComputed(() => {
    const row = desk.page.state.row(id).value;
    return row ? lamp(row) : 'off';
  });
  const url = desk.snapshots.url(id).value;
  const out = is.value === 'lost' || is.value === 'off';
  return (
    <span class={`still is-${is.value}`}>
      {out ? <Lamp is={is.value} /> : url && <img src={url} alt="" draggable={false} decoding="async" />}
    </span>
  );
}
