// Asking the browser for a camera and a microphone: what is fixed for this
// machine, what came, and why something did not.

/** Device is one of the two things a room captures. */
export type Device = 'camera' | 'microphone';
/** Both, in the order they are asked for. */
export const both: readonly Device[] = ['camera', 'microphone'];

/** Trouble is why a device is missing; each has its sentence in the words of the page. */
export type Trouble = 'none' | 'nocamera' | 'nomic' | 'refused' | 'busy' | 'insecure' | 'ended';

/** Processing is what the browser does to a microphone; a room with a mixer of its own wants none. */
export interface Processing {
  echoCancellation: boolean;
  noiseSuppression: boolean;
  autoGainControl: boolean;
}

/** kindOf is how the browser calls a device in its list. */
export const kindOf = { camera: 'videoinput', microphone: 'audioinput' } as const;

const store = { camera: 'giaoban.camera', microphone: 'giaoban.microphone', audio: 'giaoban.audio' };
const processed: Processing = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** fix remembers which device this machine uses. */
export function fix(kind: Device, id: string): void {
  localStorage.setItem(store[kind], id);
}

/** fixed is the device this machine uses, "" if any will do. */
export function fixed(kind: Device): string {
  return localStorage.getItem(store[kind]) ?? '';
}

/** processing is what this machine's microphone goes through. */
export function processing(): Processing {
  try {
    const kept = JSON.parse(localStorage.getItem(store.audio) ?? '{}') as Partial<Processing>;
    return { ...processed, ...kept };
  } catch {
    return processed;
  }
}

/** setProcessing remembers it. */
export function setProcessing(p: Processing): void {
  localStorage.setItem(store.audio, JSON.stringify(p));
}

/** granted tells whether the browser would now give the devices without asking anybody. */
export async function granted(): Promise<boolean> {
  try {
    const names = ['camera', 'microphone'] as unknown as PermissionName[];
    const answers = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
    return answers.every((answer) => answer.state === 'granted');
  } catch {
    return false; // a browser that does not know these names; "try again" asks it
  }
}

/** Opened is what the browser granted, and why the rest is missing. */
export interface Opened {
  tracks: MediaStreamTrack[];
  trouble: Trouble | null;
}

/** open asks for these devices together, and for each alone when together they fail. */
export async function open(wanted: readonly Device[], audio: Processing): Promise<Opened> {
  const constraints = constraintsOf(wanted, audio);
  const together = await ask(constraints);
  if (!together.trouble || together.trouble === 'refused' || wanted.length < 2) {
    const only = wanted.length === 1 && together.trouble === 'none';
    return only ? { ...together, trouble: wanted[0] === 'camera' ? 'nocamera' : 'nomic' } : together;
  }
  const camera = await ask({ video: constraints.video });
  const microphone = await ask({ audio: constraints.audio });
  const trouble = camera.trouble && microphone.trouble ? camera.trouble : oneMissing(camera, microphone);
  return { tracks: [...camera.tracks, ...microphone.tracks], trouble };
}

function constraintsOf(wanted: readonly Device[], audio: Processing): MediaStreamConstraints {
  return {
    video: wanted.includes('camera') && {
      width: { ideal: 1280 },
      height: { ideal: 720 },
      frameRate: { ideal: 25, max: 30 },
      ...wish('camera'),
    },
    audio: wanted.includes('microphone') && { ...audio, ...wish('microphone') },
  };
}

/** The fixed device is a wish: one that is gone must not keep the room out. */
function wish(kind: Device): MediaTrackConstraints {
  const id = fixed(kind);
  return id ? { deviceId: { ideal: id } } : {};
}

async function ask(wanted: MediaStreamConstraints): Promise<Opened> {
  try {
    return { tracks: (await navigator.mediaDevices.getUserMedia(wanted)).getTracks(), trouble: null };
  } catch (err) {
    return { tracks: [], trouble: reason(err) };
  }
}

function oneMissing(camera: Opened, microphone: Opened): Trouble | null {
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
