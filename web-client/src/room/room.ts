// The room's page without its looks: devices to link, state to devices, keys
// to commands. Components read its signals.
import { computed, effect, signal } from '@preact/signals';
import { t } from '../i18n/i18n';
import { bears, Decoding, fewer, remember } from '../page/decode';
import { Page } from '../page/page';
import type { Ticket } from '../page/token';
import { blocked, unblock } from '../ui/Voices';
import { type ActID, type Action, actions, first, type Sharing } from './actions';
import { type Alert, Capture } from './capture';
import { chime } from './chime';
import type { RoomKey } from './keys';
import { Level } from './level';
import { Panel } from './panel';
import { PointCheck } from './pointcheck';
import { Share } from './share';
import { leftOf, stageOf } from './stage';

/** How long the bar stays without a key, and a passing word on the plate. */
const barMs = 6000;
const wordMs = 6000;

/** Room is one open room page. */
export class Room {
  readonly page: Page;
  readonly capture = new Capture((a) => this.deviceChanged(a));
  readonly share: Share;
  readonly level = new Level();
  /** The bar: the focused key, or -1 while it is down. */
  readonly focus = signal(-1);
  readonly dialog = signal(false);
  /** Ready-made lines to the controller, and the way to the settings. */
  readonly panel: Panel;
  readonly check: PointCheck;
  /** How many pictures this machine shows at most. */
  readonly most = signal(bears(9));
  readonly speakers = signal(true);
  /** A word that passes: the floor has ended, or the chair said "not now". */
  readonly passing = signal<'over' | 'denied' | ''>('');
  /** What the plate reads; nothing is claimed over a lost link. */
  readonly plate = computed(() => (this.down.value ? 'off' : this.page.state.plate.value));
  readonly down = computed(
    () => this.page.downSince.value > 0 || this.page.media.value === 'lost' || this.page.media.value === 'blocked',
  );
  /** Which of its faces the screen shows. */
  readonly stage = computed(() => stageOf(this.page.state));
  /** What is left of the speaker's time. */
  readonly left = computed(() => {
    const own = this.page.state.own.value;
    return leftOf(this.plate.value, own?.endsAtMs, own?.closes === true, this.page.now.value);
  });
  private readonly sharing = computed<Sharing>(() => {
    if (!this.share.on.value) return 'none';
    return this.share.sounds.value ? 'sound' : 'picture';
  });
  readonly actions = computed<Action[]>(() => {
    const own = this.page.state.own.value;
    return own ? actions(own, this.plate.value, this.sharing.value) : [];
  });
  private barTimer: ReturnType<typeof setTimeout> | undefined;
  private wordTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(ticket: Ticket) {
    this.page = new Page({ roles: ['room'], maxTiles: this.most.peek(), send: true, listen: true }, ticket);
    this.panel = new Panel(this.page, () => {
      this.dialog.value = true;
    });
    this.check = new PointCheck(this.page, this.capture, { bars: () => this.level.bars.peek() });
    this.share = new Share(this.page);
    this.sendDevices();
    this.startDevices(ticket.testPicture);
    this.watchPlate();
    this.watchDecoding();
  }

  /** press takes a key; it tells whether the key was used. */
  press(key: RoomKey): boolean {
    const invited = this.plate.value === 'invited' || this.plate.value === 'back';
    // An invitation is answered by the same press that lets the browser play.
    if (this.wake() && !invited) return true;
    if (this.dialog.value) {
      if (key === 'back') this.dialog.value = false;
      return key === 'back';
    }
    if (this.panel.open.value) return this.panel.press(key);
    if (this.check.at.value) return this.pressInCheck(key);
    if (this.page.state.idle.value?.inUse) return key === 'ok' && this.askTakeover();
    if (this.stage.value !== 'during' && !(invited && key === 'ok')) return this.pressAside(key);
    if (this.focus.value >= 0) return this.pressInBar(key);
    if (key === 'back' || !this.page.state.own.value) return key === 'back';
    if (key === 'ok' && invited) this.run('on');
    else this.raise();
    return true;
  }

  /** raise shows the bar with its focus where it most likely belongs. */
  raise(): void {
    if (!this.actions.value.length || this.plate.value === 'opening') return;
    this.focus.value = first(this.actions.value, this.plate.value);
    this.rest();
  }

  /** moved takes a moving mouse: its hand needs the bar, and something to press. */
  moved(): void {
    const meeting = this.page.state.picture.value !== null && !this.dialog.value;
    if (this.focus.value >= 0) this.rest();
    else if (meeting && !this.down.value) this.raise();
  }

  /** run carries an action out and lowers the bar. */
  run(id: ActID): void {
    this.focus.value = -1;
    const { page } = this;
    const acts: Record<ActID, () => unknown> = {
      ask: () => page.act('floor.request', { floor: 'speech' }),
      withdraw: () => page.act('floor.cancel', { floor: 'speech' }),
      finish: () => page.act('floor.release', { floor: 'speech' }),
      on: () => page.act('mic.on', {}),
      off: () => page.act('mic.off', {}),
      'share-ask': () => page.act('floor.request', { floor: 'content' }),
      'share-withdraw': () => page.act('floor.cancel', { floor: 'content' }),
      'share-start': () => this.share.start(),
      'share-stop': () => this.share.finish(),
      'sound-on': () => page.act('content.sound', { on: true }),
      'sound-off': () => page.act('content.sound', { on: false }),
      help: () => this.panel.raise(),
    };
    acts[id]();
  }

  /** startCheck leads through the point check. */
  startCheck(): void {
    this.wake();
    void this.check.start();
  }

  /** finish says that the room's closing check is done. */
  finish(): void {
    if (!this.page.state.own.value?.finished) void this.page.act('point.finish', {});
  }

  private pressInCheck(key: RoomKey): boolean {
    if (key === 'ok') this.check.reply(true);
    else if (key === 'back' && !this.check.reply(false)) this.check.stop();
    return true;
  }

  /** Before and after a meeting OK answers the lit line; any arrow calls for help. */
  private pressAside(key: RoomKey): boolean {
    if (key === 'back' || !this.page.state.known.value) return true;
    if (key !== 'ok') this.panel.raise();
    else if (this.stage.value === 'after') this.finish();
    else if (this.page.state.own.value) this.startCheck();
    return true;
  }

  /** askTakeover asks for a point that is in use on another device. */
  askTakeover(): boolean {
    const { idle, welcome } = this.page.state;
    const point = welcome.value?.you.point;
    if (!idle.value?.inUse || idle.value.asked || !point) return false;
    void this.page.act('point.askTakeover', { point, device: this.page.ticket.device });
    return true;
  }

  /** wake uses a press for what browsers hold back until one; it tells whether the press was spent on it. */
  wake(): boolean {
    this.capture.wake();
    this.level.wake();
    if (!blocked.value || !this.speakers.value) return false;
    unblock();
    return true;
  }

  private pressInBar(key: RoomKey): boolean {
    const keys = this.actions.value;
    const step = key === 'left' ? -1 : key === 'right' ? 1 : 0;
    const focused = keys[this.focus.value];
    this.rest();
    if (step) this.focus.value = (this.focus.value + step + keys.length) % keys.length;
    else if (key === 'back') this.focus.value = -1;
    else if (key === 'ok' && focused?.enabled) this.run(focused.id);
    return true;
  }

  /** A microphone that comes back does not open by itself; the console reads what happened to a device. */
  private deviceChanged({ kind, what, label }: Alert): void {
    const { page } = this;
    if (kind === 'microphone' && what === 'lost' && page.state.own.value?.mic === 'on') void page.act('mic.off', {});
    if (!page.state.meeting.value || !page.state.own.value) return;
    const text = t(`alert.${kind}.${what}`, { label });
    page.link.command('message.send', { text }).catch(() => undefined);
  }

  /** A machine that drops frames is sent fewer pictures, but not in the middle of its own turn. */
  private watchDecoding(): void {
    const decoding = new Decoding();
    this.page.reports.add((report) => {
      const shown = (this.page.state.slots.peek()?.video ?? []).filter(Boolean).length;
      const idle = this.plate.peek() === 'off' || this.plate.peek() === 'asked';
      if (document.hidden || !idle || !decoding.tooMany(report.values())) return;
      this.most.value = fewer(Math.min(shown, this.most.peek()));
      remember(this.most.value);
      this.page.tell(t('drop.notice', { n: this.most.value }));
      this.page.link.reopen(this.most.value);
    });
  }

  private rest(): void {
    clearTimeout(this.barTimer);
    this.barTimer = setTimeout(() => {
      this.focus.value = -1;
    }, barMs);
  }

  private sendDevices(): void {
    effect(() => this.page.link.send('camera', this.capture.camera.value));
    effect(() => this.page.link.send('microphone', this.capture.microphone.value));
    effect(() => {
      this.capture.open.value = this.plate.value === 'on';
    });
    effect(() => {
      // What a browser held back before it let the page record, it now plays without a press.
      if (this.capture.picture.value) unblock();
    });
    effect(() => {
      this.level.follow(this.capture.microphone.value ? this.capture.source : undefined);
    });
  }

  /** Nobody but a room is asked for its devices; the test picture carries the unit's name, so it waits for the first view. */
  private startDevices(test: boolean): void {
    const { welcome, known } = this.page.state;
    const stop = effect(() => {
      if (welcome.value?.you.role !== 'room' || (test && !known.value)) return;
      queueMicrotask(() => {
        stop();
        if (test) this.useTest();
        else this.useDevices();
      });
    });
  }

  /** useTest shows the test picture with this point's name. */
  useTest(): void {
    this.speakers.value = false;
    const { own, welcome } = this.page.state;
    const you = welcome.peek()?.you;
    const point = you?.point ?? '';
    // A point's id ends in its number; here it only turns colour and pitch.
    this.capture.useTest(own.peek()?.name || you?.name || point, Number(/\d+$/.exec(point)?.[0] ?? 0));
  }

  /** useDevices shows the room itself, and after the test picture is heard and hears again. */
  useDevices(chosen: { camera?: string; microphone?: string } = {}): void {
    if (this.capture.test.peek()) this.speakers.value = true;
    void this.capture.useDevices(chosen);
  }

  /** The plate's passing words and the chime follow from what changed. */
  private watchPlate(): void {
    let before = this.plate.peek();
    let denied = this.page.state.own.peek()?.denied ?? 0;
    let first = true;
    effect(() => {
      const plate = this.plate.value;
      const own = this.page.state.own.value;
      const linked = !this.down.value && own !== null;
      if (linked && !first) {
        if (plate === 'invited' && (before === 'off' || before === 'asked') && this.speakers.peek()) chime();
        const held = before !== 'off' && before !== 'asked';
        if (plate === 'off' && held && !own.chair) this.pass('over');
        if ((own.denied ?? 0) > denied) this.pass('denied');
        if (plate !== 'off' && plate !== before) this.pass('');
      }
      if (linked) {
        denied = own.denied ?? 0;
        first = false;
      }
      before = plate;
    });
  }

  private pass(word: 'over' | 'denied' | ''): void {
    this.passing.value = word;
    clearTimeout(this.wordTimer);
    this.wordTimer = setTimeout(() => {
      this.passing.value = '';
    }, wordMs);
  }
}
