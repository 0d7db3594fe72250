// The one list a room can open: ready-made lines to the controller, and the
// settings behind the operator's PIN. It answers a remote's six keys.
import { computed, signal } from '@preact/signals';
import { type Key, t } from '../i18n/i18n';
import type { Page } from '../page/page';
import type { RoomKey } from './keys';

/** lines are what a room can say without typing. */
export const lines = ['help.call', 'help.sound', 'help.picture', 'help.device', 'help.power'] as const satisfies Key[];

/** pad are the keys of the PIN pad, three in a row. */
export const pad = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '⌫', '0', 'OK'] as const;
const columns = 3;

/** Panel is the list and the PIN pad behind its last line. */
export class Panel {
  /** The focused line, or -1 while the panel is down. */
  readonly line = signal(-1);
  /** The focused key of the PIN pad, or -1 while it is down. */
  readonly key = signal(-1);
  readonly pin = signal('');
  readonly wrong = signal(false);
  readonly open = computed(() => this.line.value >= 0 || this.key.value >= 0);

  constructor(
    private readonly page: Page,
    private readonly settings: () => void,
  ) {}

  /** raise opens the list. */
  raise(): void {
    this.line.value = 0;
  }

  close(): void {
    this.line.value = -1;
    this.key.value = -1;
    this.pin.value = '';
    this.wrong.value = false;
  }

  /** press takes a remote's key; it uses every one. */
  press(key: RoomKey): boolean {
    if (this.key.value >= 0) this.pressOnPad(key);
    else this.pressInList(key);
    return true;
  }

  /** choose carries a line out. */
  choose(line: number): void {
    const words = lines[line];
    if (words === undefined) return this.askPin();
    this.close();
    void this.page.act('message.send', { text: t(words) }).then((sent) => sent && this.page.tell(t('help.sent')));
  }

  /** type presses a key of the pad. */
  type(key: string): void {
    this.wrong.value = false;
    if (key === 'OK') void this.enter();
    else if (key === '⌫') this.pin.value = this.pin.value.slice(0, -1);
    else this.pin.value = (this.pin.value + key).slice(0, 8);
  }

  private pressInList(key: RoomKey): void {
    const count = lines.length + 1;
    if (key === 'back') this.close();
    else if (key === 'ok') this.choose(this.line.value);
    else this.line.value = (this.line.value + (key === 'up' || key === 'left' ? count - 1 : 1)) % count;
  }

  private pressOnPad(key: RoomKey): void {
    const steps = { left: -1, right: 1, up: -columns, down: columns };
    if (key === 'back') this.close();
    else if (key === 'ok') this.type(pad[this.key.value] ?? '');
    else this.key.value = (this.key.value + steps[key] + pad.length) % pad.length;
  }

  private askPin(): void {
    if (!this.page.state.welcome.value?.pin) return this.enterSettings();
    this.line.value = -1;
    this.key.value = 4;
  }

  private async enter(): Promise<void> {
    const headers = { authorization: `Bearer ${this.page.ticket.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ pin: this.pin.value });
    const answer = await fetch('/api/v1/pin', { method: 'POST', headers, body }).catch(() => undefined);
    if (answer?.ok) return this.enterSettings();
    this.pin.value = '';
    this.wrong.value = true;
  }

  private enterSettings(): void {
    this.close();
    this.settings();
  }
}
