import { useSignal } from '@preact/signals';
import { lang } from '../i18n/i18n';
import { FileKey } from '../ui/FileKey';
import type { ImportChange, ImportReport } from '../wire';
import type { Desk } from './desk';
import { w } from './words';

/** Import previews a table, cell by cell, and takes it only when there is no mistake in it. */
export function Import({ desk }: { desk: Desk }) {
  const table = useSignal<Blob>(new Blob());
  const report = useSignal<ImportReport | null>(null);
  const zeros = useSignal(false);
  const choose = (file: File) => {
    report.value = null;
    zeros.value = false;
    void desk.act(async () => {
      // The bytes themselves, as it is the server that tells whether they are UTF-8; and those of now.
      table.value = new Blob([await file.arrayBuffer()], { type: 'text/csv' });
      report.value = await desk.api.send<ImportReport>('POST', 'points.csv?dry=1', table.value);
    });
  };
  const take = () =>
    void desk.act(async () => {
      const query = `revision=${report.value?.revision}${zeros.value ? '&zeros=1' : ''}`;
      const answer = await desk.api.send<ImportReport>('POST', `points.csv?${query}`, table.value);
      if (!answer.taken) {
        report.value = answer;
        return;
      }
      report.value = null;
      await desk.refresh();
      return w('taken', { n: answer.changes.length });
    });
  const r = report.value;
  return (
    <section>
      <div class="op-bar">
        <FileKey words={w('import')} accept=".csv,.tsv,.txt,text/csv" take={choose} />
      </div>
      {r && r.faults.length > 0 && <Faults report={r} />}
      {r && r.faults.length === 0 && (
        <>
          <p>
            {w('preview', {
              rows: r.rows,
              added: r.changes.filter((c) => c.new).length,
              changed: r.changes.filter((c) => !c.new).length,
              same: r.same,
            })}
          </p>
          <ul class="op-faults" data-testid="changes">
            {r.changes.map((c) => (
              <Change key={c.line} change={c} />
            ))}
          </ul>
          {(r.asked ?? 0) > 0 && (
            <label class="op-check op-warn">
              <input
                type="checkbox"
                name="zeros"
                checked={zeros.value}
                onChange={(e) => (zeros.value = e.currentTarget.checked)}
              />
              {w('zerosMeant', { n: r.asked ?? 0 })}
            </label>
          )}
          {r.changes.length > 0 && (
            <button type="button" class="op-do" disabled={(r.asked ?? 0) > 0 && !zeros.value} onClick={take}>
              {w('take', { n: r.changes.length })}
            </button>
          )}
        </>
      )}
    </section>
  );
}

function Faults({ report }: { report: ImportReport }) {
  return (
    <>
      <p class="op-warn" role="alert">
        {w('faults', { n: report.faults.length })}
      </p>
      <ul class="op-faults">
        {report.faults.map((f) => (
          <li key={`${f.line}:${f.column}:${f.vi}`}>
            <b class="num">
              {f.column ? w('lineColumn', { line: f.line, column: f.column }) : w('lineOnly', { line: f.line })}
            </b>
            {f.name && ` (${f.name})`}: {lang.value === 'vi' ? f.vi : f.en}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Change is one point of the preview, and what becomes of each of its cells. */
function Change({ change }: { change: ImportChange }) {
  return (
    <li>
      <b class="num">
        {change.new ? '+' : '~'} {change.number}
      </b>{' '}
      {change.name}
      {(change.cells ?? []).map((cell) => (
        <div key={cell.column} class={cell.zeros ? 'op-warn' : 'op-quiet'}>
          {lang.value === 'vi' ? cell.vi : cell.column}: “{cell.old}” → “{cell.new}”{' '}
          {cell.zeros && <b>({w('lostZeros')})</b>}
        </div>
      ))}
    </li>
  );
}
