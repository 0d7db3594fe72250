// The controller's desk without its looks: what is chosen, what is being
// prepared, what is open over it. Acts are in acts, mixer and floor; nothing
// here reaches anybody before a command is given.
import { computed, effect, signal } from '@preact/signals';
import { t } from '../i18n/i18n';
import { Api, sentenceOf } from '../operator/api';
import { Page } from '../page/page';
import type { Ticket } from '../page/token';
import { Acts } from './acts';
import { Alarms } from './alarms';
import { FloorDesk } from './floor';
import { Mixer } from './mixer';
import { Snapshots } from './snapshots';
import { Watched } from './watched';
import './words';

/** Most pictures the console decodes: nine on program and nine in preview. */
const maxTiles = 18;

/** What may be open over the desk, one at a time. */
export type Panel = '' | 'help' | 'saved' | 'rotation' | 'order' | 'roll' | 'meeting' | 'links';

/** Which points the list shows. */
export type Filter = 'all' | 'problem' | 'weak' | 'air' | 'off' | 'ask';

/** Desk is one open console. */
export class Desk {
  readonly page: Page;
  readonly acts: Acts;
  readonly mixer: Mixer;
  readonly floor: FloorDesk;
  readonly alarms: Alarms;
  readonly watched: Watched;
  readonly snapshots: Snapshots;
  readonly query = signal('');
  readonly worst = signal(true);
  readonly only = signal<Filter>('all');
  readonly listening = signal(false);
  readonly panel = signal<Panel>('');
  /** The incident whose form is open, 0 for none. */
  readonly describing = signal(0);
  /** To whom the message being written goes: a point, or one of the groups. */
  readonly to = signal<string>('');
  /** The chosen point's row, if one is chosen or asks. */
  readonly row = computed(() => {
    const at = this.floor.target.value;
    return at && this.page.state.row(at.point).value;
  });

  constructor(ticket: Ticket, pictures = maxTiles) {
    this.page = new Page({ roles: ['controller'], maxTiles: pictures, send: false, listen: true }, ticket);
    this.acts = new Acts(this.page);
    this.mixer = new Mixer(this.page, this.acts);
    this.floor = new FloorDesk(this.page, this.acts);
    this.alarms = new Alarms(this.page.state, this.page.now);
    this.watched = new Watched(this.page.link, () => this.mixer.unseen());
    this.snapshots = new Snapshots(ticket.token);
    effect(() => {
      // Whoever is chosen is whom a message is for, until a group is.
      this.to.value = this.floor.chosen.value?.point ?? '';
    });
  }

  /** open shows a panel, or closes it if it is the one that is open. */
  open(panel: Panel): void {
    this.panel.value = this.panel.value === panel ? '' : panel;
  }

  /** next invites the next point of the speaking order. */
  next(): void {
    void this.acts.say(t('desk.order.next'), 'programme.next', {});
  }

  /** later puts off the next point of the speaking order. */
  later(): void {
    const next = this.page.state.programme.value?.next;
    if (next) void this.acts.say(t('desk.key.later'), 'programme.mark', { entry: next, state: 'skipped' });
  }

  /** pauseRotation holds the rotation, or lets it go on. */
  pauseRotation(): void {
    const rotation = this.page.state.rotation.value;
    if (!rotation?.points.length) return;
    const words = t(rotation.paused ? 'desk.rotation.resume' : 'desk.rotation.pause');
    void this.acts.say(`${t('desk.rotation')}: ${words}`, 'rotation.pause', { on: !rotation.paused });
  }

  takeControl(): void {
    void this.acts.say(t('desk.control.take'), 'control.take', {});
  }

  end(): void {
    void this.acts.say(t('con.end'), 'meeting.end', {});
  }

  /** goOn begins an island: a meeting of this part of the tree, until the server above is back. */
  async goOn(): Promise<void> {
    const path = `meetings/${encodeURIComponent(this.page.state.meeting.value?.id ?? '')}/acts`;
    await new Api(this.page.ticket.token)
      .send('POST', path, { act: 'island' })
      .catch((err) => this.page.tell(sentenceOf(err)));
  }

  allow(point: string): void {
    void this.acts.say(t('con.takeover.allow'), 'point.allowTakeover', { point });
  }
}
