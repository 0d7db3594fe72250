// The room's camera and microphone. The devices stay open all the time, so
// that a floor costs no delay; what is sent is a copy of the microphone's
// track, switched off until the gate is confirmed.
import { effect, signal } from '@preact/signals';
import { startTestPicture, type TestPicture } from './testpicture';

/** Trouble is why a device is missing; each has its sentence in the words of the page. */
export type Trouble = 'none' | 'nocamera' | 'nomic' | 'refused' | 'busy' | 'insecure' | 'ended';

const remembered = { camera: 'giaoban.camera', microphone: 'giaoban.microphone' };

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
  private raw: MediaStream | undefined;
  /** Counts the choices: what a browser grants to an older one comes too late. */
  private turn = 0;

  constructor() {
    effect(() => {
      if (this.microphone.value) this.microphone.value.enabled = this.open.value;
    });
    effect(() => {
      this.picture.value = this.camera.value && new MediaStream([this.camera.value]);
    });
    navigator.mediaDevices?.addEventListener?.('devicechange', () => this.list());
  }

  /** source is the microphone before the switch, for the level meter. */
  get source(): MediaStream | undefined {
    return this.raw;
  }

  /** useTest shows the test picture and plays its tone. */
  useTest(name: string, number: number): void {
    this.release();
    this.test.value = true;
    this.trouble.value = null;
    this.testPicture = startTestPicture({ name, number });
    this.take(this.testPicture.video, this.testPicture.audio);
  }

  /** useDevices opens camera and microphone: the given ones, else the last chosen, else any. */
  async useDevices(chosen: { camera?: string; microphone?: string } = {}): Promise<void> {
    this.release();
    this.test.value = false;
    for (const kind of ['camera', 'microphone'] as const) {
      const id = chosen[kind];
      if (id) localStorage.setItem(remembered[kind], id);
    }
    if (!window.isSecureContext || !navigator.mediaDevices) {
      this.trouble.value = 'insecure';
      return;
    }
    const turn = this.turn;
    const { stream, trouble } = await open();
    if (turn !== this.turn) {
      for (const track of stream?.getTracks() ?? []) track.stop();
      return;
    }
    this.trouble.value = trouble;
    const [camera] = stream?.getVideoTracks() ?? [];
    const [microphone] = stream?.getAudioTracks() ?? [];
    for (const track of [camera, microphone]) {
      track?.addEventListener('ended', () => {
        if (track.readyState === 'ended' && !this.test.value) this.trouble.value = 'ended';
      });
    }
    this.take(camera ?? null, microphone ?? null);
    await this.list();
  }

  /** wake starts what browsers hold back until a press. */
  wake(): void {
    this.testPicture?.wake();
  }

  private take(camera: MediaStreamTrack | null, microphone: MediaStreamTrack | null): void {
    this.raw = microphone ? new MediaStream([microphone]) : undefined;
    this.camera.value = camera;
    this.microphone.value = microphone?.clone() ?? null;
  }

  private release(): void {
    this.turn++;
    this.testPicture?.stop();
    this.testPicture = undefined;
    this.camera.value?.stop();
    this.microphone.value?.stop();
    for (const track of this.raw?.getTracks() ?? []) track.stop();
    this.take(null, null);
  }

  private async list(): Promise<void> {
    this.devices.value = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.deviceId !== '');
  }
}

/** open asks for both devices, and for each alone when both together fail. */
async function open(): Promise<{ stream: MediaStream | null; trouble: Trouble | null }> {
  const video = constraint('camera', {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 25, max: 30 },
  });
  const audio = constraint('microphone', { echoCancellation: true, noiseSuppression: true, autoGainControl: true });
  try {
    return { stream: await navigator.mediaDevices.getUserMedia({ video, audio }), trouble: null };
  } catch (both) {
    if (reason(both) === 'refused') return { stream: null, trouble: 'refused' };
    const camera = await alone({ video });
    const microphone = await alone({ audio });
    const tracks = [...camera.tracks, ...microphone.tracks];
    const trouble = camera.trouble && microphone.trouble ? camera.trouble : oneMissing(camera, microphone);
    return { stream: tracks.length ? new MediaStream(tracks) : null, trouble };
  }
}

interface Alone {
  tracks: MediaStreamTrack[];
  trouble: Trouble | null;
}

async function alone(wanted: MediaStreamConstraints): Promise<Alone> {
  try {
    return { tracks: (await navigator.mediaDevices.getUserMedia(wanted)).getTracks(), trouble: null };
  } catch (err) {
    return { tracks: [], trouble: reason(err) };
  }
}

function oneMissing(camera: Alone, microphone: Alone): Trouble | null {
  const first = camera.trouble ?? microphone.trouble;
  if (first !== 'none') return first;
  return camera.trouble ? 'nocamera' : 'nomic';
}

function reason(err: unknown): Trouble {
  switch (err instanceof DOMException ? err.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'refused';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'none';
  }
}

/** The chosen device is a wish: one that is gone must not keep the room out. */
function constraint(kind: 'camera' | 'microphone', rest: MediaTrackConstraints): MediaTrackConstraints {
  const id = localStorage.getItem(remembered[kind]);
  return id ? { ...rest, deviceId: { ideal: id } } : rest;
}
