// The speaking order as text: one turn a line, fields parted by ";" or, as a
// spreadsheet pastes them, by tabs.
import { fold } from '../state/search';
import type { Entry, EntryView, RosterRow } from '../wire';

/** Most minutes of one turn; the server holds it to the same. */
const mostMinutes = 180;

/** Parsed is a whole speaking order, or the first line that does not read. */
export type Parsed = { entries: Entry[] } | { line: number; what: string; why: 'point' | 'minutes' };

/** write gives a speaking order as text. */
export function write(entries: EntryView[], number: (point: string) => number | undefined): string {
  return entries
    .map((e) => [String(number(e.point) ?? e.point), e.delegate, e.subject, e.minutes ? String(e.minutes) : ''])
    .map((fields) => fields.map((f) => f ?? '').join('; '))
    .map((line) => line.replace(/(; )+$/, ''))
    .join('\n');
}

/** read reads it back. Entries that were there keep their id, and so how far they have come. */
export function read(text: string, rows: RosterRow[], before: EntryView[]): Parsed {
  const entries: Entry[] = [];
  const left = [...before];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]?.trim();
    if (!line) continue;
    const [who = '', delegate = '', subject = '', minutes = ''] = line
      .split(line.includes('\t') ? '\t' : ';')
      .map(trim);
    const point = find(who, rows)?.id;
    if (!point) return { line: i + 1, what: who, why: 'point' };
    const n = minutes === '' ? 0 : Number(minutes);
    if (!Number.isInteger(n) || n < 0 || n > mostMinutes) return { line: i + 1, what: minutes, why: 'minutes' };
    const at = left.findIndex((e) => e.point === point);
    const [old] = at < 0 ? [] : left.splice(at, 1);
    entries.push({
      point,
      ...(old && { id: old.id }),
      ...(delegate && { delegate }),
      ...(subject && { subject }),
      ...(n && { minutes: n }),
    });
  }
  return { entries };
}

const trim = (s: string) => s.trim();

/** find takes a number, or a name without its marks. */
function find(who: string, rows: RosterRow[]): RosterRow | undefined {
  if (/^\d+$/.test(who)) return rows.find((row) => row.number === Number(who));
  const name = fold(who);
  return name
    ? (rows.find((row) => fold(row.name) === name) ?? only(rows.filter((r) => fold(r.name).endsWith(name))))
    : undefined;
}

function only(rows: RosterRow[]): RosterRow | undefined {
  return rows.length === 1 ? rows[0] : undefined;
}
