// Which of its three faces the room's screen shows.
import type { Plate, State } from '../state/state';

/** Stage: before, during or after the meeting. */
export type Stage = 'before' | 'during' | 'after';

/** stageOf reads it from what the server has told. A lobby is before, closing checks are after. */
export function stageOf(state: State): Stage {
  const meeting = state.meeting.value;
  if (!meeting) return 'before';
  if (meeting.status === 'ended' || meeting.phase === 'closing') return 'after';
  return meeting.phase === 'open' && state.picture.value ? 'during' : 'before';
}

/** Left is what the plate says of a speaker's time. */
export type Left = { kind: 'none' } | { kind: 'warn' | 'count'; seconds: number } | { kind: 'over' };

const warnSeconds = 30;
const countSeconds = 3;

/** leftOf warns at 30 s; where the microphone closes at the end, it counts the last three. */
export function leftOf(plate: Plate, endsAtMs: number | undefined, closes: boolean, now: number): Left {
  if (plate !== 'on' || !endsAtMs) return { kind: 'none' };
  const seconds = Math.ceil((endsAtMs - now) / 1000);
  if (seconds > warnSeconds) return { kind: 'none' };
  if (seconds <= 0) return closes ? { kind: 'none' } : { kind: 'over' };
  return { kind: closes && seconds <= countSeconds ? 'count' : 'warn', seconds };
}
