// Recorded consents: a point lent to a meeting of another system (Art 4.2).
import { useSignal, useSignalEffect } from '@preact/signals';
import type { ConsentRow } from '../wire';
import { DateField } from './DateField';
import type { Desk } from './desk';
import { Table } from './Table';
import { day, type Word, w } from './words';

const decisions: Record<string, Word> = { granted: 'granted', refused: 'refused', override: 'override' };
const empty: ConsentRow = { point: '', system: '', by: '', document: '', date: '', decision: 'granted', reason: '' };

/** Consents lists what was decided, the newest first, and records another. */
export function Consents({ desk }: { desk: Desk }) {
  const rows = useSignal<ConsentRow[] | undefined>(undefined);
  const form = useSignal<ConsentRow>(empty);
  const load = () =>
    desk.act(async () => {
      rows.value = (await desk.api.get<ConsentRow[]>('consents')).reverse();
    });
  useSignalEffect(() => {
    void load();
  });
  const record = (e: Event) => {
    e.preventDefault();
    void desk.act(async () => {
      await desk.api.send('POST', 'consents', form.value);
      form.value = empty;
      await load();
      return w('consentRecorded');
    });
  };
  const field = (key: keyof ConsentRow) => ({
    name: key,
    value: form.value[key] ?? '',
    onInput: (e: InputEvent) => {
      form.value = { ...form.value, [key]: (e.currentTarget as HTMLInputElement).value };
    },
  });
  const home = desk.points.value.find((p) => p.id === form.value.point)?.system;
  return (
    <section>
      <h2>{w('consents')}</h2>
      <p class="op-quiet">{w('consentHelp')}</p>
      <form class="op-form op-grid" onSubmit={record} data-testid="consent-form">
        <label>
          {w('point')}
          <select required {...field('point')}>
            <option value="">–</option>
            {desk.points.value.map((p) => (
              <option key={p.id} value={p.id}>
                {p.number} · {p.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {w('borrower')}
          <select required {...field('system')}>
            <option value="">–</option>
            {desk.systems.value
              .filter((s) => s.id !== home)
              .map((s) => (
                <option key={s.id} value={s.id}>
                  {s.name}
                </option>
              ))}
          </select>
        </label>
        <label>
          {w('decision')}
          <select {...field('decision')}>
            <option value="granted">{w('granted')}</option>
            <option value="refused">{w('refused')}</option>
          </select>
        </label>
        <label>
          {w('decidedBy')}
          <input required maxLength={200} {...field('by')} />
        </label>
        <label>
          {w('document')}
          <input required maxLength={200} {...field('document')} />
        </label>
        <DateField
          name="date"
          label="documentDate"
          value={form.value.date ?? ''}
          onInput={(date) => {
            form.value = { ...form.value, date };
          }}
        />
        <button class="op-do" type="submit">
          {w('recordConsent')}
        </button>
      </form>
      <Table head={['point', 'borrower', 'decision', 'decidedBy', 'document']} rows={rows.value}>
        {(c) => (
          <tr key={c.id}>
            <th scope="row">{desk.nameOf(c.point)}</th>
            <td>
              {desk.systemName(c.system)}
              {c.meeting && <small>{c.meeting}</small>}
            </td>
            <td>{w(decisions[c.decision] ?? 'decision')}</td>
            <td>{c.by}</td>
            <td>
              {[c.document, day(c.date)].filter(Boolean).join(' · ')}
              {c.reason && <small>{c.reason}</small>}
            </td>
          </tr>
        )}
      </Table>
    </section>
  );
}
