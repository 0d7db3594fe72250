// What the desk hears: a soft tick when somebody asks, two low notes when a
// point is lost, again every 30 s until a person says that they heard it.
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { State } from '../state/state';
import { lowNotes, tick } from './sounds';

/** How long after a lost point's notes they sound again. */
export const againMs = 30_000;

/** Alarms are the losses nobody has acknowledged, and the sounds of the desk. */
export class Alarms {
  /** Losses, each as the point and since when: a point lost again is a new one. */
  readonly lost = computed(() =>
    this.state
      .all()
      .filter((row) => row.presence === 'lost')
      .map((row) => `${row.id} ${row.sinceMs ?? 0}`),
  );
  private readonly heard = signal<ReadonlySet<string>>(new Set());
  /** Losses not acknowledged yet. */
  readonly open = computed(() => this.lost.value.filter((key) => !this.heard.value.has(key)));
  private soundedAt = 0;
  private known: ReadonlySet<string> = new Set();
  private asked: ReadonlySet<string> | null = null;

  constructor(
    private readonly state: State,
    now: ReadonlySignal<number>,
  ) {
    effect(() => this.watchLost(now.value));
    effect(() => this.watchAsked());
  }

  /** acknowledge silences every loss of now. */
  acknowledge(): void {
    this.heard.value = new Set(this.lost.value);
  }

  /** blinks tells whether a point's alarm is new enough to blink its three times. */
  fresh(point: string): boolean {
    return this.open.value.some((key) => key.startsWith(`${point} `));
  }

  private watchLost(now: number): void {
    const open = this.open.value;
    const isNew = open.some((key) => !this.known.has(key));
    this.known = new Set(open);
    if (!open.length || (!isNew && now - this.soundedAt < againMs)) return;
    this.soundedAt = now;
    lowNotes();
  }

  private watchAsked(): void {
    const requests = this.state.floor.value?.requests.filter((r) => r.state === 'pending') ?? [];
    const now = new Set(requests.map((r) => `${r.point} ${r.floor} ${r.askedAtMs}`));
    const before = this.asked;
    // Who had asked before this page knew of the meeting is no news.
    this.asked = this.state.known.value ? now : null;
    if (before && [...now].some((key) => !before.has(key))) tick();
  }
}
