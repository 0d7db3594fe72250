// The counters of the desk.
import { lamp } from '../state/worst';
import type { Desk } from './desk';

/** Counts are how many points are in each state. */
export interface Counts {
  all: number;
  connected: number;
  problem: number;
  weak: number;
  air: number;
  off: number;
  ask: number;
}

/** countsOf counts all points; it subscribes to every row. */
export function countsOf(desk: Desk): Counts {
  const { state } = desk.page;
  const counts: Counts = {
    all: 0,
    connected: 0,
    problem: 0,
    weak: 0,
    air: 0,
    off: 0,
    ask: desk.floor.waiting.value.length,
  };
  for (const row of state.all()) {
    counts.all++;
    if (row.presence === 'present') {
      counts.connected++;
      if (state.lines.weak(row.id)) counts.weak++;
    }
    const is = lamp(row);
    if (is === 'lost') counts.problem++;
    else if (is === 'off') counts.off++;
    else if (is === 'air') counts.air++;
  }
  return counts;
}
