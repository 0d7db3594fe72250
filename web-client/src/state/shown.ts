// Which video goes where: tiles name sources, slots carry them.
import type { SlotsView, SourceKey, TileView } from '../wire';

/** unsure stands for what a slot carries while nobody knows: between two sources, when the frame is late. */
export const unsure: SourceKey = '?';

/** Shown is what one tile draws: a slot's video, the own camera, or none. */
export interface Shown {
  tile: TileView;
  /** "slot" with its index, the "own" camera, the own presentation ("shared"), or "none". */
  video: { kind: 'slot'; slot: number } | { kind: 'own' } | { kind: 'shared' } | { kind: 'none' };
  /** What the video shows at this moment; differs from the tile's source until its first frame; "" while nobody knows. */
  source: SourceKey;
}

/** shown finds each tile's video. live is what slots were last seen to carry; shared is the own presentation, if any. */
export function shown(tiles: TileView[], slots: SlotsView | null, live: SourceKey[], shared = ''): Shown[] {
  return tiles.map((tile) => {
    if (tile.own) return { tile, video: { kind: 'own' }, source: tile.source };
    if (shared && tile.source === shared) return { tile, video: { kind: 'shared' }, source: shared };
    const slot = tile.source ? (slots?.video ?? []).indexOf(tile.source) : -1;
    // A slot that carries nothing still holds the last frame of what it carried before.
    const carried = live[slot];
    // A picture that has stopped and that nobody can name is not shown: the tile's own name and note are.
    if (!carried || (carried === unsure && tile.note)) return { tile, video: { kind: 'none' }, source: tile.source };
    return { tile, video: { kind: 'slot', slot }, source: carried === unsure ? '' : carried };
  });
}
