// The focal officer's page without its looks. It has no picture and no sound:
// it works while the room's device is dead, over the telephone's own line.
import { computed, effect, signal } from '@preact/signals';
import { t } from '../i18n/i18n';
import { Page } from '../page/page';
import type { Ticket } from '../page/token';
import type { Check, IncidentView } from '../wire';

/** The pages of the officer's telephone, in the order of their keys. */
export const tabs = ['check', 'speak', 'messages', 'incident', 'phones'] as const;
export type Tab = (typeof tabs)[number];

/** What the officer answers for; the line is measured by the room's device. */
export const items = ['camera', 'microphone', 'speaker', 'echo', 'power'] as const;
export type Item = (typeof items)[number];

/** Repair times are said in steps of five minutes, and at most a day ahead. */
export const step = 5;
const mostMinutes = 24 * 60;

const causes = ['power', 'line', 'device', 'unknown'] as const;
export type Cause = (typeof causes)[number];
export { causes };

/** Focal is one open page of an officer. */
export class Focal {
  readonly page: Page;
  readonly tab = signal<Tab>('check');
  readonly ticks = signal<Partial<Record<Item, boolean>>>({});
  readonly cause = signal<Cause | ''>('');
  readonly minutes = signal(step * 4);
  readonly reported = signal(false);
  /** The point's newest incident. */
  readonly incident = computed<IncidentView | undefined>(() => this.page.state.incidents.value[0]);
  readonly running = computed(() => this.incident.value !== undefined && !this.incident.value.closedAtMs);
  readonly left = computed(() => items.filter((item) => !this.ticks.value[item]).length);
  /** Messages of the controllers this officer has not read. */
  readonly unread = computed(() => {
    const messages = this.page.state.messages.value;
    return (messages?.list ?? []).filter((m) => !m.from && m.id > (messages?.upTo ?? 0)).length;
  });

  constructor(ticket: Ticket) {
    const kind = { maxTiles: 1, send: false, listen: false, media: false };
    this.page = new Page({ roles: ['focal'], ...kind }, ticket);
    effect(() => {
      // What is on the screen is read.
      const last = this.page.state.messages.value?.list.at(-1);
      if (this.tab.value === 'messages' && this.unread.value && last) {
        this.page.link.command('message.read', { upTo: last.id }).catch(() => undefined);
      }
    });
    let before = 0;
    effect(() => {
      if (this.unread.value > before) navigator.vibrate?.(200);
      before = this.unread.value;
    });
  }

  /** tick answers for one item, or takes it back. */
  tick(item: Item): void {
    this.ticks.value = { ...this.ticks.value, [item]: !this.ticks.value[item] };
  }

  /** sign hands the check sheet in under the officer's name. */
  async sign(name: string): Promise<void> {
    const check: Check = { signed: name };
    for (const item of items) check[item] = 'good';
    if (await this.page.act('point.check', { check })) this.ticks.value = {};
  }

  ask(delegate: string, subject: string): Promise<boolean> {
    return this.page.act('floor.request', { floor: 'speech', delegate, subject });
  }

  say(text: string): Promise<boolean> {
    return this.page.act('message.send', { text });
  }

  /** later moves the expected repair by one step. */
  later(by: 1 | -1): void {
    this.minutes.value = Math.max(step, Math.min(mostMinutes, this.minutes.value + by * step));
  }

  async report(remedy: string): Promise<void> {
    const cause = this.cause.value ? t(`foc.cause.${this.cause.value}`) : '';
    const d = { cause, remedy, minutes: this.minutes.value };
    this.reported.value = await this.page.act('incident.describe', d);
  }
}

/** repairAt is the hour of an expected repair, on a whole step as the console will read it. */
export function repairAt(now: number, minutes: number): number {
  const ms = step * 60_000;
  return Math.ceil((now + minutes * 60_000) / ms) * ms;
}
