// A presentation: a window or screen of this computer, sent while the content
// floor is held.
import { effect, signal } from '@preact/signals';
import type { Page } from '../page/page';

/** Share owns the captured window. */
export class Share {
  readonly on = signal(false);
  /** Whether what is presented has sound of its own. */
  readonly sounds = signal(false);
  /** What the page shows of its own presentation. */
  readonly picture = signal<MediaStream | null>(null);
  private stream: MediaStream | undefined;

  constructor(private readonly page: Page) {
    // The floor gone, nothing more is captured; the sound waits for its gate.
    effect(() => {
      const content = page.state.own.value?.content;
      if (content === 'off') this.stop();
    });
    effect(() => {
      const open = page.state.contentGateOpen.value;
      for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = open;
    });
  }

  /** start lets the person choose a window and sends it. Closing the chooser changes nothing. */
  async start(): Promise<void> {
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: true });
      this.take(stream);
    } catch {
      this.stop();
    }
  }

  /** finish stops and gives the content floor back. */
  async finish(): Promise<void> {
    this.stop();
    await this.page.act('floor.release', { floor: 'content' });
  }

  private take(stream: MediaStream): void {
    this.stop();
    this.stream = stream;
    const [video] = stream.getVideoTracks();
    const [audio] = stream.getAudioTracks();
    if (video) {
      video.contentHint = 'detail';
      video.addEventListener('ended', () => void this.finish());
    }
    if (audio) audio.enabled = this.page.state.contentGateOpen.peek();
    this.page.link.send('content', video ?? null);
    this.page.link.send('content-sound', audio ?? null);
    this.picture.value = video ? new MediaStream([video]) : null;
    this.sounds.value = audio !== undefined;
    this.on.value = true;
  }

  private stop(): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = undefined;
    this.picture.value = null;
    this.sounds.value = false;
    if (!this.on.peek()) return;
    this.on.value = false;
    this.page.link.send('content', null);
    this.page.link.send('content-sound', null);
  }
}
