// The order a controller works in: what needs a person first.
import type { RosterRow } from '../wire';

/** Lamp is the one state a point's lamp shows. */
export type Lamp = 'air' | 'grant' | 'ask' | 'closed' | 'lost' | 'weak' | 'off';

/** lamp gives a row's lamp; a lost point is lost whatever its microphone was. */
export function lamp(row: RosterRow, weak = false): Lamp {
  if (row.presence === 'lost') return 'lost';
  if (row.presence === 'absent') return 'off';
  if (row.mic === 'on') return 'air';
  if (row.mic === 'invited' || row.mic === 'back') return 'grant';
  if (row.mic === 'asked' || row.mic === 'accepted') return 'ask';
  return weak ? 'weak' : 'closed';
}

const order: Record<Lamp, number> = { lost: 0, weak: 1, ask: 2, air: 3, grant: 4, off: 5, closed: 6 };

/** isOut tells whether a point should be here and is not. */
export function isOut(row: RosterRow): boolean {
  return row.presence !== 'present' && (!row.left || row.leftEarly === true);
}

/** worstFirst sorts by need: who waits for a person, lost, weak, asking, open, invited, not connected, quiet. */
export function worstFirst(rows: RosterRow[], weak: (id: string) => boolean = () => false): RosterRow[] {
  const rank = (r: RosterRow) => (r.asking ? -1 : order[lamp(r, weak(r.id))]);
  return [...rows].sort((a, b) => rank(a) - rank(b) || (a.place ?? 0) - (b.place ?? 0) || a.number - b.number);
}
