// Layouts as a controller edits them: pure values, before anybody sees them.
import {
  type Binding,
  type FloorView,
  type Layout,
  type LayoutKind,
  layoutTiles,
  type RosterRow,
  type TileView,
} from '../wire';

/** same tells whether two layouts would look the same. */
export function same(a: Layout | undefined, b: Layout | undefined): boolean {
  if (!a || !b || a.kind !== b.kind) return a === b;
  return a.tiles.every((tile, i) => tile.kind === b.tiles[i]?.kind && (tile.point ?? '') === (b.tiles[i]?.point ?? ''));
}

/** bind puts a binding into one tile. */
export function bind(layout: Layout, tile: number, binding: Binding): Layout {
  return { ...layout, tiles: layout.tiles.map((old, i) => (i === tile ? binding : old)) };
}

/** move exchanges what two tiles show. */
export function move(layout: Layout, from: number, to: number): Layout {
  const tiles = [...layout.tiles];
  const [a, b] = [tiles[from], tiles[to]];
  if (!a || !b) return layout;
  tiles[from] = b;
  tiles[to] = a;
  return { ...layout, tiles };
}

/** arrange changes the arrangement and keeps what it can: bindings by place, then points not shown yet. */
export function arrange(layout: Layout, kind: LayoutKind, rows: RosterRow[]): Layout {
  const slides = kind === 'content+1' || kind === 'content+strip';
  const kept = layout.tiles.filter((tile) => tile.kind !== 'content' && tile.kind !== 'blank');
  if (!kept.some((tile) => tile.kind === 'speaker')) kept.push({ kind: 'speaker' });
  // Beside a presentation stands who explains it.
  if (slides) kept.sort((a, b) => Number(b.kind === 'speaker') - Number(a.kind === 'speaker'));
  const shown = new Set(kept.flatMap((tile) => tile.point ?? []));
  const spare = rows
    .filter((row) => row.presence === 'present' && !row.chair && !shown.has(row.id))
    .map((row): Binding => ({ kind: 'point', point: row.id }));
  if (!kept.some((tile) => tile.kind === 'chair')) spare.unshift({ kind: 'chair' });
  const tiles: Binding[] = slides ? [{ kind: 'content' }, ...kept, ...spare] : [...kept, ...spare];
  return { kind, tiles: Array.from({ length: layoutTiles[kind] }, (_, i) => tiles[i] ?? { kind: 'blank' }) };
}

/** Scene is what a preview needs to know to draw a binding. */
export interface Scene {
  chairPoint: string;
  floor: FloorView | null;
  /** The point the rotation shows now, "" without one. */
  rotating?: string;
  row: (id: string) => RosterRow | undefined;
}

/** draft draws bindings as tiles, for eyes in the control room only. */
export function draft(layout: Layout, scene: Scene): TileView[] {
  return layout.tiles.map((binding) => {
    const kind = binding.kind === 'content' ? 'content' : 'camera';
    const row = scene.row(pointOf(binding, scene));
    if (!row) return { source: '' };
    const tile: TileView = {
      source: `${row.id}/${kind}`,
      name: row.name,
      parent: row.parent,
      mic: row.mic,
      sim: row.simulated,
    };
    if (row.presence === 'present') return row.cameraOff && kind === 'camera' ? { ...tile, note: 'camera-off' } : tile;
    return { ...tile, note: row.presence };
  });
}

function pointOf(binding: Binding, { chairPoint, floor, rotating }: Scene): string {
  switch (binding.kind) {
    case 'point':
      return binding.point ?? '';
    case 'chair':
      return chairPoint;
    case 'speaker':
      return holder(floor, 'speech', chairPoint) ?? chairPoint;
    case 'rotation':
      return rotating ?? '';
    case 'content':
      return holder(floor, 'content', '') ?? '';
    default:
      return '';
  }
}

/** holder is who was granted a floor last, the chair point aside. */
function holder(floor: FloorView | null, which: 'speech' | 'content', chairPoint: string): string | undefined {
  const granted = (floor?.requests ?? []).filter(
    (r) => r.floor === which && r.state === 'granted' && r.point !== chairPoint,
  );
  return granted.sort((a, b) => (b.grantedAtMs ?? 0) - (a.grantedAtMs ?? 0))[0]?.point;
}
