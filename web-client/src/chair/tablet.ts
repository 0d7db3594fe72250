// The chair's tablet without its looks: who speaks, who is next, seven keys.
import { computed, signal } from '@preact/signals';
import { t } from '../i18n/i18n';
import { Page } from '../page/page';
import type { Ticket } from '../page/token';
import { matches } from '../state/search';
import type { EntryView, RequestView, RosterRow } from '../wire';
import '../console/words';

/** How long the key says that the technician was called. */
const saidMs = 10_000;

/** How many requests the tablet shows. */
const shownRequests = 3;

/** What the chair touched instead of a request: the next of the speaking order. */
const theOrder = '#';

/** Next is whom the keys name. */
export interface Next {
  point: string;
  /** The request that is acted on, or the entry of the speaking order. */
  request?: RequestView;
  entry?: EntryView;
}

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
  /** Whom the speaking order calls next. */
  readonly coming = computed(() => {
    const programme = this.page.state.programme.value;
    return programme?.entries.find((e) => e.id === programme.next);
  });
  /** Whom the keys name: what the chair touched, else the oldest request, else the next of the speaking order. */
  readonly next = computed<Next | null>(() => {
    const entry = this.coming.value;
    const ordered = entry ? { point: entry.point, entry } : null;
    if (this.picked.value === theOrder && ordered) return ordered;
    const request = this.first.value.find((r) => r.point === this.picked.value) ?? this.first.value[0];
    return request ? { point: request.point, request } : ordered;
  });
  /** The technician has been called, and the server has it. */
  readonly called = signal(false);
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

  /** pickOrder makes the next of the speaking order what the keys act on. */
  pickOrder(): void {
    this.picked.value = theOrder;
  }

  inviteNext(): void {
    const next = this.next.value;
    if (next?.entry) void this.page.act('programme.next', {});
    else if (next) void this.invite(next.point);
  }

  /** defer puts the next one off: a request to the end of the queue, an entry of the speaking order aside. */
  defer(): void {
    const next = this.next.value;
    if (next?.entry) void this.page.act('programme.mark', { entry: next.entry.id, state: 'skipped' });
    else if (next) void this.page.act('floor.defer', { floor: 'speech', point: next.point });
  }

  /** callTechnician sends the controllers a message and says when they have it. */
  async callTechnician(): Promise<void> {
    if (!(await this.page.act('message.send', { text: t('ch.technician.words') }))) return;
    this.called.value = true;
    setTimeout(() => {
      this.called.value = false;
    }, saidMs);
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
