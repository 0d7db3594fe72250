// What the operator's page knows, and the one place where it asks and says so.
import { signal } from '@preact/signals';
import type { Me, PointRow, SystemRow } from '../wire';
import { type Api, Refused, sentenceOf } from './api';

/** The parts of the page, in the order of its tabs. */
export const parts = ['meetings', 'points', 'consents', 'pairing', 'links', 'people', 'audit'] as const;
export type Part = (typeof parts)[number];

/** Desk is the operator's page. */
export class Desk {
  readonly me = signal<Me | null>(null);
  /** Nobody is signed in; the page asks for name and password. */
  readonly out = signal(false);
  readonly part = signal<Part>('meetings');
  readonly systems = signal<SystemRow[]>([]);
  readonly points = signal<PointRow[]>([]);
  /** One sentence on what was done or refused. */
  readonly said = signal<{ words: string; refused: boolean } | null>(null);
  /** The code a QR brought along. */
  readonly code = signal('');

  constructor(readonly api: Api) {}

  /** open asks who this is and reads the catalogue. */
  async open(): Promise<void> {
    await this.act(async () => {
      this.me.value = await this.api.get<Me>('session');
      this.out.value = false;
      await this.refresh();
    });
  }

  /** refresh reads systems and points anew. */
  async refresh(): Promise<void> {
    const [systems, points] = await Promise.all([
      this.api.get<SystemRow[]>('systems'),
      this.api.get<PointRow[]>('points'),
    ]);
    this.systems.value = systems;
    this.points.value = points;
  }

  /** act does something and says in a sentence if it was refused; it tells whether it was done. */
  async act(what: () => Promise<unknown>): Promise<boolean> {
    try {
      const words = await what();
      if (typeof words === 'string') this.said.value = { words, refused: false };
      return true;
    } catch (err) {
      if (err instanceof Refused && err.code === 'signin.needed') this.out.value = true;
      else this.said.value = { words: sentenceOf(err), refused: true };
      return false;
    }
  }

  /** nameOf names a point with its number, or gives its id back. */
  nameOf(id: string): string {
    const p = this.points.value.find((row) => row.id === id);
    return p ? `${p.number} · ${p.name}` : id;
  }

  /** systemName names a system. */
  systemName(id: string): string {
    return this.systems.value.find((row) => row.id === id)?.name ?? id;
  }
}

/** localTime writes a time as a field of dates takes it, on a whole quarter of an hour. */
export function localTime(ms: number): string {
  const d = new Date(Math.ceil(ms / 900_000) * 900_000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}
