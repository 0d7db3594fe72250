import { useSignal, useSignalEffect } from '@preact/signals';
import { sentence } from '../i18n/i18n';
import { save } from '../page/save';
import type { AuditRow } from '../wire';
import type { Desk } from './desk';
import { Table } from './Table';
import { clock, roleWord, w } from './words';

/** Audit shows the newest entries of the audit log, the latest first. */
export function Audit({ desk }: { desk: Desk }) {
  const rows = useSignal<AuditRow[] | undefined>(undefined);
  useSignalEffect(() => {
    void desk.act(async () => {
      rows.value = (await desk.api.get<AuditRow[]>('audit')).reverse();
    });
  });
  const keep = () =>
    save(
      new Blob([(rows.value ?? []).map((row) => `${JSON.stringify(row)}\n`).join('')], { type: 'application/jsonl' }),
      'audit.jsonl',
    );
  return (
    <section>
      <h2>{w('audit')}</h2>
      <div class="op-bar">
        <button type="button" onClick={keep}>
          {w('export').replace('CSV', 'JSON')}
        </button>
      </div>
      <Table head={['time', 'who', 'address', 'act', 'target', 'outcome']} rows={rows.value}>
        {(row) => (
          <tr key={`${row.n} ${row.act}`}>
            <td class="num">{clock(row.atMs)}</td>
            <th scope="row">
              {row.who}
              {row.role && <small>{roleWord(row.role)}</small>}
            </th>
            <td class="num">{row.from}</td>
            <td>
              <code>{row.act}</code>
              {row.count ? ` ×${row.count + 1}` : ''}
            </td>
            <td>{[row.target, row.note].filter(Boolean).join(' · ')}</td>
            <td class={row.code ? 'op-warn' : undefined}>{row.code ? sentence(row.code) : w('done')}</td>
          </tr>
        )}
      </Table>
    </section>
  );
}
