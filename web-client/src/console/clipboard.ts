// What K and ⇧K copy: whom to call, as a person would write it into a message.
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { isOut } from '../state/worst';
import type { RosterRow } from '../wire';
import type { Desk } from './desk';

/** contact is one point with its officers and telephones, in one line. */
export function contact(row: RosterRow): string {
  const place = [row.name, row.parent].filter(Boolean).join(', ');
  const people = (row.card?.officers ?? []).map((o) => [o.name, o.phone].filter(Boolean).join(' '));
  return `${number(row.number)} ${place}: ${people.join('; ') || t('desk.noOfficer')}`;
}

/** copyChosen copies the chosen point's officers. */
export function copyChosen(desk: Desk): void {
  const row = desk.row.value;
  if (row) void copy(desk, contact(row), row.name);
}

/** copyOut copies everyone who is not connected, one line each. */
export function copyOut(desk: Desk): void {
  const out = desk.page.state.all().filter(isOut);
  if (!out.length) return desk.page.tell(t('desk.copyLost.none'));
  void copy(desk, out.map(contact).join('\n'), t('desk.copyLost.n', { n: out.length }));
}

async function copy(desk: Desk, text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyOldWay(text); // a page over http on a local network has no clipboard of its own
  }
  desk.page.tell(t('desk.copied', { what }));
}

function copyOldWay(text: string): void {
  const field = document.createElement('textarea');
  const before = document.activeElement;
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
}
