// A page on a bare stage: the browser's parts are stand-ins, the server is the
// test. Tests only.
import axe from 'axe-core';
import { type ComponentChild, render } from 'preact';
import { vi } from 'vitest';
import { FakePeer, FakeSocket } from '../link/fake';
import type { RosterRow, View, Welcome } from '../wire';

/** ticket is a token and a device. */
export const ticket = { token: 'T', device: 'D', testPicture: false };

/** setStage stubs what happy-dom does not have. */
export function setStage(): void {
  FakeSocket.all = [];
  FakePeer.all = [];
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('RTCPeerConnection', FakePeer);
  vi.stubGlobal('RTCRtpReceiver', {});
  vi.stubGlobal('MediaStream', class {});
  vi.stubGlobal('AudioContext', FakeAudio);
  vi.stubGlobal('fetch', async () => new Response('', { status: 503 }));
  // happy-dom takes only its own streams, and it has none.
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
  render(null, document.body);
}

/** Chimes are the notes that were played. */
export const chimes: number[] = [];

class FakeAudio {
  currentTime = 0;
  destination = {};
  createOscillator() {
    const frequency = { value: 0 };
    const node = { frequency, connect: (to: unknown) => to, start: () => chimes.push(frequency.value), stop: () => 0 };
    return node;
  }
  createGain() {
    const ramp = () => 0;
    const gain = { setValueAtTime: ramp, linearRampToValueAtTime: ramp, exponentialRampToValueAtTime: ramp };
    return { gain, connect: (to: unknown) => to };
  }
  close = async () => undefined;
}

/** show renders a page and lets the server welcome it. */
export async function show(page: ComponentChild, welcome: Partial<Welcome>, view: View): Promise<void> {
  render(page, document.body);
  FakeSocket.last.greet(welcome);
  await say({ t: 'view', seq: 1, d: view });
}

/** say lets the server send a frame, and the page draw. */
export async function say(frame: object): Promise<void> {
  FakeSocket.last.say(frame);
  await drawn();
}

/** drawn waits until the page has drawn what it was told. */
export async function drawn(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve));
}

/** sent gives the last message of a kind. */
export function sent(t: string): Record<string, unknown> | undefined {
  return FakeSocket.last.found(t)?.d;
}

/** at finds one element, or fails. */
export function at(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`nothing is ${selector}`);
  return found;
}

/** serious lists what axe finds serious or worse; colours are not drawn here. */
export async function serious(): Promise<string[]> {
  const rules = { 'color-contrast': { enabled: false }, 'page-has-heading-one': { enabled: false } };
  const { violations } = await axe.run(document.body, { rules });
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`);
}

/** row is a point that is here with its microphone off. */
export function row(number: number, more: Partial<RosterRow> = {}): RosterRow {
  const id = `hg-${String(number).padStart(2, '0')}`;
  return { id, number, code: id, name: `UBND huyện ${number}`, presence: 'present', mic: 'off', ...more };
}
