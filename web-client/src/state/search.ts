// Search that needs no marks: "lung cu" finds "Lũng Cú", "dong van" "Đồng Văn".
import type { RosterRow } from '../wire';

/** fold removes Vietnamese marks and case. */
export function fold(s: string): string {
  return s.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();
}

/** matches tells whether every word of the query is in the point's number, name or parent. */
export function matches(row: RosterRow, query: string): boolean {
  const text = fold(`${number(row.number)} ${row.name} ${row.parent ?? ''}`);
  return fold(query)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** number writes a point's number as people say it: three digits. */
export function number(n: number): string {
  return String(n).padStart(3, '0');
}
