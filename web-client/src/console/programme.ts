// The speaking order as text: one turn a line, fields parted by ";", by tabs as
// a spreadsheet pastes them, or by commas as one writes a file.
import { fold } from '../state/search';
import type { Entry, EntryView, RosterRow } from '../wire';

/** The server holds an order to the same bounds. */
export const bounds = { entries: 300, text: 200, minutes: 180 };

/** Fault is a line that does not read, and why. */
export interface Fault {
  line: number;
  what: string;
  why: 'point' | 'minutes' | 'long' | 'many';
}

/** Parsed is what the lines say, and each that does not read. */
export interface Parsed {
  entries: Entry[];
  faults: Fault[];
}

/** write gives a speaking order as text. */
export function write(entries: EntryView[], number: (point: string) => number | undefined): string {
  return entries
    .map((e) => [String(number(e.point) ?? e.point), e.delegate, e.subject, e.minutes ? String(e.minutes) : ''])
    .map((fields) => fields.map((f) => quoted(f ?? '')).join('; '))
    .map((line) => line.replace(/(; )+$/, ''))
    .join('\n');
}

/** read reads it back. Entries that were there keep their id, and so how far they have come. */
export function read(text: string, rows: RosterRow[], before: EntryView[]): Parsed {
  const parsed: Parsed = { entries: [], faults: [] };
  const left = [...before];
  for (const { line, fields } of table(text)) {
    const [who = '', delegate = '', subject = '', minutes = ''] = fields;
    const point = find(who, rows)?.id;
    if (!point && line === 1 && headings.has(fold(who))) continue;
    const fault = faultOf({ line, point, fields, entries: parsed.entries.length });
    if (fault) parsed.faults.push(fault);
    if (fault || !point) continue;
    const at = left.findIndex((e) => e.point === point);
    const [old] = at < 0 ? [] : left.splice(at, 1);
    parsed.entries.push({
      point,
      ...(old && { id: old.id }),
      ...(delegate && { delegate }),
      ...(subject && { subject }),
      ...(Number(minutes) && { minutes: Number(minutes) }),
    });
  }
  return parsed;
}

/** What the first column is headed in a spreadsheet of somebody's own. */
const headings = new Set([
  'so',
  'stt',
  'tt',
  'ma',
  'so diem cau',
  'diem cau',
  'don vi',
  'number',
  'code',
  'point',
  'bridge point',
]);

function faultOf(at: {
  line: number;
  point: string | undefined;
  fields: string[];
  entries: number;
}): Fault | undefined {
  const [who = '', delegate = '', subject = '', minutes = ''] = at.fields;
  const fault = (why: Fault['why'], what: string): Fault => ({ line: at.line, what, why });
  if (at.entries >= bounds.entries) return fault('many', who);
  if (!at.point) return fault('point', who);
  const long = [delegate, subject].find((field) => [...field].length > bounds.text);
  if (long) return fault('long', `${[...long].slice(0, 30).join('')}…`);
  const n = Number(minutes);
  return Number.isInteger(n) && n >= 0 && n <= bounds.minutes ? undefined : fault('minutes', minutes);
}

interface Line {
  line: number; // where it begins, from 1
  fields: string[];
}

/**
 * table parts text into lines and fields, each line by its own mark: an order is
 * pasted from several places, and no reader of CSV has more than one mark a
 * file. A quoted field may hold what parts them, and lines.
 */
function table(text: string): Line[] {
  const lines: Line[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  for (let number = 1; at < text.length; at++) {
    const by = parting(text.slice(at, text.indexOf('\n', at) + 1 || undefined));
    const line: Line = { line: number, fields: [] };
    const begun = at;
    for (;;) {
      const [whole, inside, bare] = field(text, at, by);
      line.fields.push((inside?.replaceAll('""', '"') ?? bare ?? '').replace(/\s+/g, ' ').trim());
      at += whole.length;
      if (text[at] !== by) break;
      at++;
    }
    if (line.fields.some(Boolean)) lines.push(line);
    number += text.slice(begun, at + 1).split('\n').length - 1;
  }
  return lines;
}

/** parting is what parts the fields of a line. */
function parting(line: string): string {
  return ['\t', ';'].find((mark) => line.includes(mark)) ?? ',';
}

/** field is the one that begins there: the whole of it, and what is inside its quotes or without any. */
function field(text: string, at: number, by: string): RegExpExecArray | [string] {
  const next = new RegExp(` *"((?:[^"]|"")*)" *\\r?(?=[${by}\\n]|$)|([^${by}\\n]*)`, 'y');
  next.lastIndex = at;
  return next.exec(text) ?? [''];
}

/** quoted guards a field that holds what parts fields. */
function quoted(field: string): string {
  return /[;\t"]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** find takes a number, a code, or a name without its marks. */
function find(who: string, rows: RosterRow[]): RosterRow | undefined {
  const code = only(rows.filter((row) => row.code && row.code === who));
  if (/^\d+$/.test(who)) return rows.find((row) => row.number === Number(who)) ?? code;
  const name = fold(who);
  if (!name) return undefined;
  return rows.find((row) => fold(row.name) === name) ?? only(rows.filter((r) => fold(r.name).endsWith(name))) ?? code;
}

function only(rows: RosterRow[]): RosterRow | undefined {
  return rows.length === 1 ? rows[0] : undefined;
}
