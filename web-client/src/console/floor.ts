// The floor as the desk works it: who asks, who holds, and the acts on them.
import { computed, signal } from '@preact/signals';
import { t } from '../i18n/i18n';
import type { Page } from '../page/page';
import type { AtZero, Floor, Mode, RequestView } from '../wire';
import type { Acts } from './acts';
import type { DeskKey } from './words';

/** How many points may discuss at once. */
const discussion = 3;

/** Target is the point, and its floor, that keys act on. */
export interface Target {
  point: string;
  floor: Floor;
}

/** FloorDesk is the queue, the holders and what is chosen of them. */
export class FloorDesk {
  readonly chosen = signal<Target | null>(null);
  readonly waiting = computed(() => this.requests().filter((r) => r.state !== 'granted'));
  readonly granted = computed(() => this.requests().filter((r) => r.state === 'granted'));
  /** What keys act on: the chosen point, else the oldest request. */
  readonly target = computed<Target | null>(() => this.chosen.value ?? this.waiting.value[0] ?? null);
  /** Whose note is being written, as "point floor"; "" while none is. */
  readonly noting = signal('');

  constructor(
    private readonly page: Page,
    private readonly acts: Acts,
  ) {}

  /** choose makes a point what keys act on. */
  choose(point: string, floor: Floor = 'speech'): void {
    this.chosen.value = { point, floor };
  }

  grant(at = this.target.value): void {
    if (at) void this.acts.say(this.words('con.invite', at), 'floor.grant', { floor: at.floor, point: at.point });
  }

  /** check invites a point to be heard by the controllers alone. */
  check(point: string): void {
    const at = { point, floor: 'speech' as const };
    void this.acts.say(this.words('desk.hear', at), 'floor.grant', { ...at, audience: 'controllers' });
  }

  give(at = this.target.value): void {
    if (at) void this.acts.say(this.words('con.give', at), 'floor.give', { point: at.point });
  }

  deny(at = this.target.value): void {
    if (at) void this.acts.say(this.words('con.deny', at), 'floor.deny', { floor: at.floor, point: at.point });
  }

  defer(at = this.target.value): void {
    if (at) void this.acts.say(this.words('desk.defer', at), 'floor.defer', { floor: at.floor, point: at.point });
  }

  /** accept passes a request to the chair. */
  accept(at = this.target.value): void {
    if (at) void this.acts.say(this.words('desk.pass', at), 'floor.accept', { floor: at.floor, point: at.point });
  }

  /** note writes the controller's note on a request, for the chair's side. */
  note(at: Target, note: string): void {
    this.noting.value = '';
    void this.acts.say(this.words('desk.note', at), 'floor.annotate', { floor: at.floor, point: at.point, note });
  }

  /** write begins a note on the target, if it has asked. */
  write(at = this.target.value): void {
    if (at && this.request(at)) this.noting.value = keyOf(at);
  }

  /** shift moves the target in the queue, or does nothing where there is no place. */
  shift(by: number, at = this.target.value): void {
    if (!at) return;
    const queue = this.waiting.value.filter((r) => r.floor === at.floor);
    const from = queue.findIndex((r) => r.point === at.point);
    if (from < 0 || !queue[from + by]) return;
    this.chosen.value = at;
    this.moveTo(at, from + by + 1);
  }

  /** moveTo puts a request at a place of its queue, from 1. */
  moveTo(at: Target, place: number): void {
    void this.acts.say(this.words('desk.reorder', at), 'floor.move', { floor: at.floor, point: at.point, place });
  }

  /** revoke cuts the given microphone: the chosen one, else the newest that is open. */
  revoke(at = this.cuttable()): void {
    if (at) void this.acts.say(this.words('con.cut', at), 'floor.revoke', { floor: at.floor, point: at.point });
  }

  closeAll(): void {
    void this.acts.say(t('con.closeAll'), 'floor.closeAll', {});
  }

  mode(mode: Mode): void {
    const limit = mode === 'discussion' ? { limit: discussion } : {};
    void this.acts.say(t(`mode.${mode}`), 'floor.mode', { mode, ...limit });
  }

  /** limit sets how long a turn may take, in minutes, 0 for as long as it takes. */
  limit(minutes: number, atZero: AtZero): void {
    void this.acts.say(t('desk.limit'), 'floor.timeLimit', { minutes, atZero });
  }

  /** extend gives a speaker some minutes more. */
  extend(point: string, minutes: number): void {
    void this.acts.say(this.words('desk.extend', { point, floor: 'speech' }), 'floor.extend', { point, minutes });
  }

  /** request is the target's live request. */
  request(at: Target): RequestView | undefined {
    return this.requests().find((r) => r.point === at.point && r.floor === at.floor);
  }

  private requests(): RequestView[] {
    return this.page.state.floor.value?.requests ?? [];
  }

  private cuttable(): Target | undefined {
    const at = this.chosen.value;
    const held = this.granted.value.filter((r) => r.point !== this.page.state.meeting.value?.chairPoint);
    return this.granted.value.find((r) => r.point === at?.point && r.floor === at.floor) ?? held[held.length - 1];
  }

  private words(key: DeskKey, at: Target): string {
    return `${t(key)}: ${this.page.state.row(at.point).value?.name ?? at.point}`;
  }
}

/** keyOf names a request. */
export function keyOf({ point, floor }: Target): string {
  return `${point} ${floor}`;
}
