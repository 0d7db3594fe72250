// The room's camera and microphone. The devices stay open all the time, so
// that a floor costs no delay; what is sent is a copy of the microphone's
// track, switched off until the gate is confirmed. A device that goes away is
// taken again by itself when it is back.
import { effect, signal } from '@preact/signals';
import {
  both,
  type Device,
  fix,
  fixed,
  granted,
  kindOf,
  open,
  type Processing,
  processing,
  type Trouble,
} from './devices';
import { startTestPicture, type TestPicture } from './testpicture';

/** How often a missing device is looked for, besides whenever the browser says that devices have changed. */
const lookMs = 5000;

/** Alert is a change of devices that somebody elsewhere should know of. */
export interface Alert {
  kind: Device;
  what: 'lost' | 'back' | 'other';
  /** The device's name. */
  label: string;
}

/** Capture owns the local devices. */
export class Capture {
  readonly camera = signal<MediaStreamTrack | null>(null);
  readonly microphone = signal<MediaStreamTrack | null>(null);
  /** What the page shows of itself. */
  readonly picture = signal<MediaStream | null>(null);
  readonly trouble = signal<Trouble | null>(null);
  readonly devices = signal<MediaDeviceInfo[]>([]);
  /** Whether the microphone may be heard: the gate's word and the server's. */
  readonly open = signal(false);
  readonly test = signal(false);
  private testPicture: TestPicture | undefined;
  /** The microphone before the switch. */
  private raw: MediaStreamTrack | undefined;
  /** Counts the choices: what a browser grants to an older one comes too late. */
  private turn = 0;
  private wanted = false;
  private filling = false;
  private lost = new Set<Device>();

  constructor(
    /** Hears of every change of devices that nobody in the room has made. */
    private readonly alert: (a: Alert) => void = () => undefined,
    /** What a microphone goes through. */
    private readonly audio: () => Processing = processing,
  ) {
    effect(() => {
      if (this.microphone.value) this.microphone.value.enabled = this.open.value;
    });
    effect(() => {
      this.picture.value = this.camera.value && new MediaStream([this.camera.value]);
    });
    navigator.mediaDevices?.addEventListener?.('devicechange', () => void this.look());
    setInterval(() => void this.look(), lookMs);
  }

  /** source is the microphone before the switch, for the level meter. */
  get source(): MediaStream | undefined {
    return this.raw && new MediaStream([this.raw]);
  }

  /** useTest shows the test picture and plays its tone. */
  useTest(name: string, number: number): void {
    this.release();
    this.test.value = true;
    this.trouble.value = null;
    this.testPicture = startTestPicture({ name, number });
    this.camera.value = this.testPicture.video;
    this.hold(this.testPicture.audio);
  }

  /** useDevices opens camera and microphone: the given ones, else the fixed ones, else any. */
  async useDevices(chosen: { camera?: string; microphone?: string } = {}): Promise<void> {
    this.release();
    this.test.value = false;
    this.wanted = true;
    for (const kind of both) {
      const id = chosen[kind];
      if (id) fix(kind, id);
    }
    if (!window.isSecureContext || !navigator.mediaDevices) {
      this.trouble.value = 'insecure';
      return;
    }
    await this.fill();
  }

  /** wake starts what browsers hold back until a press. */
  wake(): void {
    this.testPicture?.wake();
  }

  /** fill opens the devices that are missing. */
  private async fill(): Promise<void> {
    const turn = this.turn;
    const missing = both.filter((kind) => !this.has(kind));
    this.filling = true;
    const { tracks, trouble } = await open(missing, this.audio());
    if (turn !== this.turn) {
      for (const track of tracks) track.stop();
      return;
    }
    this.filling = false;
    // A device that went away is still said to have gone, not never to have been.
    this.trouble.value = trouble && this.lost.size ? 'ended' : trouble;
    for (const track of tracks) this.take(track);
    await this.list();
  }

  private take(track: MediaStreamTrack): void {
    const kind: Device = track.kind === 'video' ? 'camera' : 'microphone';
    if (kind === 'camera') this.camera.value = track;
    else this.hold(track);
    track.addEventListener('ended', () => this.ended(kind, track));
    const other = fixed(kind) && track.getSettings?.().deviceId !== fixed(kind);
    const back = this.lost.delete(kind);
    if (other) this.alert({ kind, what: 'other', label: track.label });
    else if (back) this.alert({ kind, what: 'back', label: track.label });
  }

  private ended(kind: Device, track: MediaStreamTrack): void {
    if (track !== (kind === 'camera' ? this.camera.value : this.raw)) return;
    this.lost.add(kind);
    this.trouble.value = 'ended';
    if (kind === 'camera') this.camera.value = null;
    else this.hold(null);
    this.alert({ kind, what: 'lost', label: track.label });
  }

  /** look takes what is there again, and goes back to a fixed device that is. */
  private async look(): Promise<void> {
    if (!this.wanted || !navigator.mediaDevices) return;
    await this.list();
    if (this.filling || this.trouble.value === 'insecure') return;
    if (this.trouble.value === 'refused' && !(await granted())) return;
    for (const kind of both) {
      if (this.strayed(kind)) this.drop(kind);
    }
    const there = (kind: Device) => this.devices.value.some((d) => d.kind === kindOf[kind]);
    if (both.some((kind) => !this.has(kind) && there(kind))) await this.fill();
  }

  /** strayed tells that another device stands in for the fixed one, which is there again; nobody is cut off for it. */
  private strayed(kind: Device): boolean {
    const track = kind === 'camera' ? this.camera.value : this.raw;
    const now = track?.getSettings?.().deviceId;
    if (!now || !fixed(kind) || now === fixed(kind) || (kind === 'microphone' && this.open.value)) return false;
    return this.devices.value.some((d) => d.deviceId === fixed(kind));
  }

  private has(kind: Device): boolean {
    return kind === 'camera' ? this.camera.value !== null : this.raw !== undefined;
  }

  private hold(microphone: MediaStreamTrack | null): void {
    this.microphone.value?.stop();
    this.raw = microphone ?? undefined;
    this.microphone.value = microphone?.clone() ?? null;
  }

  private drop(kind: Device): void {
    const track = kind === 'camera' ? this.camera.value : this.raw;
    if (kind === 'camera') this.camera.value = null;
    else this.hold(null);
    track?.stop();
  }

  private release(): void {
    this.turn++;
    this.filling = false;
    this.wanted = false;
    this.lost.clear();
    this.testPicture?.stop();
    this.testPicture = undefined;
    for (const kind of both) this.drop(kind);
  }

  private async list(): Promise<void> {
    this.devices.value = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.deviceId !== '');
  }
}
