// A relay source (Nguồn chuyển tiếp): a capture device and a mixer's line,
// sent as they are. It shows itself and hears nothing, so nothing comes back.
import { effect } from '@preact/signals';
import { Page } from '../page/page';
import type { Ticket } from '../page/token';
import { Capture } from '../room/capture';
import type { Processing } from '../room/devices';
import { Level } from '../room/level';

/** asItIs leaves a programme's sound alone: what helps a voice in a room spoils it. */
export const asItIs: Processing = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** Relay is one open page of a source. */
export class Relay {
  readonly page: Page;
  readonly capture = new Capture(undefined, () => asItIs);
  readonly level = new Level();

  constructor(ticket: Ticket) {
    this.page = new Page({ roles: ['room'], maxTiles: 1, send: true, listen: false }, ticket);
    const { state, link } = this.page;
    effect(() => link.send('camera', this.capture.camera.value));
    effect(() => link.send('microphone', this.capture.microphone.value));
    effect(() => {
      this.capture.open.value = state.plate.value === 'on';
    });
    effect(() => {
      this.level.follow(this.capture.microphone.value ? this.capture.source : undefined);
    });
    void this.capture.useDevices();
  }

  /** on answers an invitation. */
  on(): void {
    void this.page.act('mic.on', {});
  }
}
