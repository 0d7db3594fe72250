// The chair's tablet without its looks: who speaks, who is next, seven keys.
import { computed, signal } from '@preact/signals';
import { Page } from '../page/page';
import type { Ticket } from '../page/token';
import { matches } from '../state/search';
import type { RequestView, RosterRow } from '../wire';

/** How many requests the tablet shows. */
const shownRequests = 3;

/** Tablet is one open chair page. */
export class Tablet {
  readonly page: Page;
  /** The search for another point is open. */
  readonly searching = signal(false);
  readonly query = signal('');
  private readonly picked = signal('');

  /** The newest holder that is not the chair point itself. */
  readonly speaking = computed<RequestView | null>(() => {
    const held = this.requests().filter((r) => r.state === 'granted' && r.point !== this.chairPoint());
    return held.reduce<RequestView | null>((a, r) => (a && (a.grantedAtMs ?? 0) > (r.grantedAtMs ?? 0) ? a : r), null);
  });
  readonly waiting = computed(() => this.requests().filter((r) => r.state !== 'granted'));
  readonly first = computed(() => this.waiting.value.slice(0, shownRequests));
  /** Whom the keys name: the request the chair touched, else the oldest. */
  readonly next = computed(
    () => this.first.value.find((r) => r.point === this.picked.value) ?? this.first.value[0] ?? null,
  );
  readonly own = computed(() => this.page.state.row(this.chairPoint()).value);
  readonly micOn = computed(() => this.own.value?.mic === 'on');

  constructor(ticket: Ticket) {
    this.page = new Page({ roles: ['chair'], maxTiles: 1, send: false, listen: false }, ticket);
  }

  /** row is a point's row. */
  row(point: string): RosterRow | undefined {
    return this.page.state.row(point).value;
  }

  /** found are the points the search offers: present, not the chair's, by number. */
  found(): RosterRow[] {
    return this.page.state.all().filter((row) => !row.chair && matches(row, this.query.value));
  }

  pick(point: string): void {
    this.picked.value = point;
  }

  async invite(point: string): Promise<void> {
    this.searching.value = false;
    this.query.value = '';
    await this.page.act('floor.grant', { floor: 'speech', point });
  }

  inviteNext(): void {
    if (this.next.value) void this.invite(this.next.value.point);
  }

  deny(): void {
    const next = this.next.value;
    if (next) void this.page.act('floor.deny', { floor: 'speech', point: next.point });
  }

  finish(): void {
    const now = this.speaking.value;
    if (now) void this.page.act('floor.revoke', { floor: 'speech', point: now.point });
  }

  closeAll(): void {
    void this.page.act('floor.closeAll', {});
  }

  /** flip switches the chair point's own microphone. */
  flip(): void {
    void this.page.act(this.micOn.value ? 'mic.off' : 'mic.on', { point: this.chairPoint() });
  }

  private chairPoint(): string {
    return this.page.state.meeting.value?.chairPoint ?? '';
  }

  private requests(): RequestView[] {
    return (this.page.state.floor.value?.requests ?? []).filter((r) => r.floor === 'speech');
  }
}
