// The order a controller works in: what needs a person first.
import type { RosterRow } from '../wire';

/** Lamp is the one state a point's lamp shows. */
export type Lamp = 'air' | 'grant' | 'ask' | 'closed' | 'lost' | 'off';

/** lamp gives a row's lamp; a lost point is lost whatever its microphone was. */
export function lamp(row: RosterRow): Lamp {
  if (row.presence === 'lost') return 'lost';
  if (row.presence === 'absent') return 'off';
  if (row.mic === 'on') return 'air';
  if (row.mic === 'invited' || row.mic === 'back') return 'grant';
  if (row.mic === 'asked' || row.mic === 'accepted') return 'ask';
  return 'closed';
}

const order: Record<Lamp, number> = { lost: 0, ask: 1, air: 2, grant: 3, off: 4, closed: 5 };

/** worstFirst sorts by need: lost, asking, open, invited, not connected, quiet. */
export function worstFirst(rows: RosterRow[]): RosterRow[] {
  const rank = (r: RosterRow) => (r.asking ? -1 : order[lamp(r)]);
  return [...rows].sort((a, b) => rank(a) - rank(b) || (a.place ?? 0) - (b.place ?? 0) || a.number - b.number);
}
