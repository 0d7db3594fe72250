// The points this desk looks at besides what is on air: what the preview
// draws, and whoever the controller looks at privately. The server allows 25.
import { effect, signal } from '@preact/signals';
import type { Link } from '../link/link';

/** Most points one page may look at privately; the server holds it to the same. */
export const mostWatched = 25;

/** Watched keeps the server told of the whole list. */
export class Watched {
  /** Who is looked at privately, the latest first. */
  readonly looked = signal<string[]>([]);

  constructor(link: Link, drawn: () => string[]) {
    effect(() => link.watch(listOf(drawn(), this.looked.value)));
  }

  /** look adds a point to those looked at, or takes it away. */
  look(point: string): void {
    const { looked } = this;
    looked.value = looked.value.includes(point) ? looked.value.filter((p) => p !== point) : [point];
  }
}

/** listOf is the list for the server, what is drawn before what is only looked at. */
export function listOf(drawn: string[], looked: string[]): string[] {
  return [...new Set([...drawn, ...looked])].slice(0, mostWatched).sort();
}
