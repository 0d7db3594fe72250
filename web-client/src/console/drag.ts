// Dragging: a point, a tile or a request is carried as text of a type of ours,
// so that nothing from outside the page can be dropped here.
const point = 'application/x-giaoban-point';
const tile = 'application/x-giaoban-tile';
const request = 'application/x-giaoban-request';

/** dragPoint, dragTile and dragRequest begin to carry something. */
export function dragPoint(e: DragEvent, id: string): void {
  e.dataTransfer?.setData(point, id);
}

export function dragTile(e: DragEvent, index: number): void {
  e.dataTransfer?.setData(tile, String(index));
}

export function dragRequest(e: DragEvent, key: string): void {
  e.dataTransfer?.setData(request, key);
}

/** carried is what is being dropped. */
export function carried(e: DragEvent): { point?: string; tile?: number; request?: string } {
  const read = (type: string) => e.dataTransfer?.getData(type) ?? '';
  const index = read(tile);
  return {
    ...(read(point) && { point: read(point) }),
    ...(index && { tile: Number(index) }),
    ...(read(request) && { request: read(request) }),
  };
}

/** takes lets a place be dropped on by what this page carries. */
export function takes(e: DragEvent): void {
  if (e.dataTransfer?.types.some((type) => type.startsWith('application/x-giaoban-'))) e.preventDefault();
}
