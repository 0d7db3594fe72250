// The tree as a desk reads it: one row a district, its own room first, then
// the rooms below it, always in the same order.
import type { PointID, RosterRow } from '../wire';
import { fold } from './search';

/** District is one row of lamps. */
export interface District {
  /** Its parent's name as the points write it; "" for the top. */
  name: string;
  points: PointID[];
}

/** districts groups points by their parent; a room of the parent unit itself leads its group. */
export function districts(rows: RosterRow[]): District[] {
  const groups = new Map<string, RosterRow[]>();
  for (const row of rows) if (row.parent) groups.set(row.parent, [...(groups.get(row.parent) ?? []), row]);
  const heads = new Map([...groups.keys()].map((parent) => [unit(parent), parent]));
  const top: RosterRow[] = [];
  for (const row of rows) {
    if (row.parent) continue;
    const own = heads.get(unit(row.name));
    if (own) groups.set(own, [row, ...(groups.get(own) ?? [])]);
    else top.push(row);
  }
  const list = [...groups].map(([name, points]) => ({ name, first: points[0]?.number ?? 0, points: points.map(idOf) }));
  list.sort((a, b) => a.first - b.first);
  if (top.length) list.unshift({ name: '', first: 0, points: top.map(idOf) });
  return list.map(({ name, points }) => ({ name, points }));
}

const idOf = (row: RosterRow) => row.id;

/** unit is the bare name of a unit, however its kind is written: "H. Mèo Vạc" and "UBND huyện Mèo Vạc" are one. */
function unit(name: string): string {
  return fold(name)
    .replace(/^(ubnd\s+)?(h\.|tp\.|tx\.|huyen|thanh pho|thi xa|t\.|tinh)\s*/, '')
    .trim();
}
