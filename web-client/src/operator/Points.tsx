import { useComputed, useSignal } from '@preact/signals';
import { save } from '../page/save';
import { fold } from '../state/search';
import type { PointRow } from '../wire';
import type { Desk } from './desk';
import { Import } from './Import';
import { fresh, PointEditor } from './PointEditor';
import { Table } from './Table';
import { w } from './words';

/** Points is the table of points, with search, import and export. */
export function Points({ desk }: { desk: Desk }) {
  const search = useSignal('');
  const system = useSignal('');
  const edited = useSignal<PointRow | null>(null);
  const found = useComputed(() => {
    const words = search.value.split(/\s+/).filter(Boolean).map(fold);
    return desk.points.value.filter(
      (p) => (!system.value || p.system === system.value) && words.every((word) => textOf(p).includes(word)),
    );
  });
  const short = found.value.filter((p) => p.short).length;
  return (
    <>
      <Import desk={desk} />
      {edited.value && (
        <PointEditor
          key={edited.value.id}
          desk={desk}
          point={edited.value}
          close={() => {
            edited.value = null;
          }}
        />
      )}
      <section>
        <h2>{w('points')}</h2>
        <div class="op-bar">
          <label>
            {w('search')}
            <input type="search" value={search.value} onInput={(e) => (search.value = e.currentTarget.value)} />
          </label>
          <label>
            {w('system')}
            <select value={system.value} onChange={(e) => (system.value = e.currentTarget.value)}>
              <option value="">{w('all')}</option>
              {desk.systems.value.map((s) => (
                <option key={s.id} value={s.id}>
                  {s.name}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            onClick={() =>
              void desk.act(async () =>
                save(await desk.api.file(`points.csv?system=${encodeURIComponent(system.value)}`), 'points.csv'),
              )
            }
          >
            {w('export')}
          </button>
          <button
            type="button"
            data-act="new-point"
            onClick={() => {
              edited.value = fresh(desk.points.value, system.value || (desk.systems.value[0]?.id ?? ''));
            }}
          >
            {w('newPoint')}
          </button>
        </div>
        <p class="op-quiet">{w('shown', { n: found.value.length, short })}</p>
        <Table head={['number', 'unit', 'system', 'officers', 'line', 'devices', '']} rows={found.value}>
          {(p) => (
            <tr key={p.id}>
              <td class="num">{p.number}</td>
              <th scope="row">
                {p.name}
                <small>{[p.parent, p.room, p.code].filter(Boolean).join(' · ')}</small>
              </th>
              <td>{desk.systemName(p.system)}</td>
              <td>
                {p.officers.map((o) => (
                  <span key={o.name} class="op-officer">
                    {o.name} <span class="num">{o.phone}</span>
                  </span>
                ))}
                {p.short && <small class="op-warn">{w('short')}</small>}
              </td>
              <td>{[p.carrier, p.circuit].filter(Boolean).join(' · ')}</td>
              <td class="num">{p.devices ?? ''}</td>
              <td>
                <button
                  type="button"
                  data-act="edit"
                  aria-label={`${w('edit')}: ${p.name}`}
                  onClick={() => {
                    edited.value = p;
                    scrollTo(0, 0);
                  }}
                >
                  {w('edit')}
                </button>
              </td>
            </tr>
          )}
        </Table>
      </section>
    </>
  );
}

function textOf(p: PointRow): string {
  return fold([p.number, p.code, p.name, p.parent, ...p.officers.map((o) => o.name)].join(' '));
}
