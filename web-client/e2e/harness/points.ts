// The points of the demo meeting, from the project's own catalogue.

import catalog from '../../../internal/catalog/ha-giang.json' with { type: 'json' };

/** pointOf is the point with this number. */
export function pointOf(number: number): { id: string; name: string } {
  const point = catalog.system.points.find((p) => p.number === number);
  if (!point) throw new Error(`the demo has no point number ${number}`);
  return point;
}

/** captionOf is how pages call the point: the chair point by its function, every other by its name. */
export function captionOf(number: number): string {
  const { id, name } = pointOf(number);
  return id === catalog.system.chairPoint ? 'Điểm cầu chủ tọa' : name;
}
