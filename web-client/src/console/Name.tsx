// A point in a heading: number, name, and in small what stands beside it.
import { number } from '../state/search';
import type { Desk } from './desk';

/** Name draws a point's name; sub stands beside it, its parent if there is none. */
export function Name({ desk, point, sub }: { desk: Desk; point: string; sub?: string }) {
  const row = desk.page.state.row(point).value;
  return (
    <h3>
      <span class="num">{row ? number(row.number) : ''}</span>
      {row?.name ?? point} <small>{sub || row?.parent}</small>
    </h3>
  );
}
