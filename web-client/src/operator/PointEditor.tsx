// One bridge point: what people need to reach and repair it, and its officers.
import { type Signal, useSignal } from '@preact/signals';
import type { OfficerRow, PointRow } from '../wire';
import type { Desk } from './desk';
import { type Word, w } from './words';

/** Most officers of a point; the server holds it to the same. */
const mostOfficers = 5;

const blank: OfficerRow = { name: '', phone: '', trained: false, active: true };

type Text = 'code' | 'name' | 'parent' | 'tier' | 'room' | 'carrier' | 'circuit' | 'consent';

/** The fields in their order; those that a point must have come first. */
const texts: [Text, Word][] = [
  ['name', 'unit'],
  ['code', 'unitCode'],
  ['parent', 'parent'],
  ['tier', 'tier'],
  ['room', 'room'],
  ['carrier', 'carrier'],
  ['circuit', 'circuit'],
  ['consent', 'autoOpen'],
];

/** fresh is a new point with the next free number. */
export function fresh(points: PointRow[], system: string): PointRow {
  const number = Math.max(0, ...points.map((p) => p.number)) + 1;
  return { id: '', number, code: '', name: '', system, officers: [{ ...blank }, { ...blank }] };
}

/** PointEditor changes a point, makes it if it has no id yet, or removes it. */
export function PointEditor({ desk, point, close }: { desk: Desk; point: PointRow; close: () => void }) {
  const row = useSignal<PointRow>(structuredClone(point));
  const id = useSignal<string>(point.id);
  const set = (change: Partial<PointRow>) => {
    row.value = { ...row.value, ...change };
  };
  const save = (e: Event) => {
    e.preventDefault();
    void desk.act(async () => {
      const { short: _short, devices: _devices, ...rest } = row.value;
      const officers = rest.officers.filter((o) => o.name.trim() || o.phone.trim());
      await desk.api.send('PUT', `points/${encodeURIComponent(id.value)}`, { ...rest, id: id.value, officers });
      await desk.refresh();
      close();
      return w('pointSaved', { name: rest.name });
    });
  };
  const remove = () => {
    if (!confirm(w('removeSure', { name: row.value.name }))) return;
    void desk.act(async () => {
      await desk.api.send('DELETE', `points/${encodeURIComponent(id.value)}`);
      await desk.refresh();
      close();
      return w('pointRemoved', { name: row.value.name });
    });
  };
  return (
    <section data-testid="point-editor">
      <h2>{point.id ? `${point.number} · ${point.name}` : w('newPoint')}</h2>
      <form class="op-form op-grid" onSubmit={save}>
        <label>
          {w('pointId')}
          <input
            name="id"
            required
            disabled={point.id !== ''}
            maxLength={64}
            value={id.value}
            onInput={(e) => (id.value = e.currentTarget.value)}
          />
        </label>
        <label>
          {w('number')}
          <input
            name="number"
            type="number"
            required
            min={1}
            max={9999}
            value={row.value.number}
            onInput={(e) => set({ number: Number(e.currentTarget.value) })}
          />
        </label>
        <label>
          {w('system')}
          <select
            name="system"
            required
            value={row.value.system}
            onChange={(e) => set({ system: e.currentTarget.value })}
          >
            {desk.systems.value.map((s) => (
              <option key={s.id} value={s.id}>
                {s.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {w('kind')}
          <select name="kind" value={row.value.kind || 'room'} onChange={(e) => set({ kind: e.currentTarget.value })}>
            <option value="room">{w('kindRoom')}</option>
            <option value="relay">{w('kindRelay')}</option>
          </select>
        </label>
        {texts.map(([key, word]) => (
          <label key={key}>
            {w(word)}
            <input
              name={key}
              required={key === 'name'}
              maxLength={200}
              value={row.value[key] ?? ''}
              onInput={(e) => set({ [key]: e.currentTarget.value })}
            />
          </label>
        ))}
        <label>
          {w('downKbps')}
          <input
            name="downKbps"
            type="number"
            min={0}
            max={1_000_000}
            value={row.value.downKbps ?? 0}
            onInput={(e) => set({ downKbps: Number(e.currentTarget.value) })}
          />
        </label>
        <Officers row={row} />
        <div class="op-bar op-wide">
          <button class="op-do" type="submit">
            {w('save')}
          </button>
          <button type="button" onClick={close}>
            {w('cancel')}
          </button>
          {point.id && (
            <button type="button" class="op-grave" data-act="remove" onClick={remove}>
              {w('removePoint')}
            </button>
          )}
        </div>
      </form>
    </section>
  );
}

/** Officers are the people of a point: two who are trained and active, at least (Art 13.2). */
function Officers({ row }: { row: Signal<PointRow> }) {
  const rows = row.value.officers;
  const ready = rows.filter((o) => o.name.trim() && o.trained && o.active).length;
  const change = (to: (rows: OfficerRow[]) => OfficerRow[]) => {
    row.value = { ...row.value, officers: to(row.value.officers) };
  };
  const set = (at: number, one: Partial<OfficerRow>) =>
    change((now) => now.map((o, i) => (i === at ? { ...o, ...one } : o)));
  return (
    <fieldset class="op-wide" data-testid="officers">
      <legend>{w('officers')}</legend>
      {ready < 2 && <p class="op-warn">{w('short')}</p>}
      {rows.map((o, i) => (
        <div class="op-bar" key={i}>
          <label>
            {w('display')}
            <input maxLength={200} value={o.name} onInput={(e) => set(i, { name: e.currentTarget.value })} />
          </label>
          <label>
            {w('phone')}
            <input
              type="tel"
              maxLength={40}
              value={o.phone}
              onInput={(e) => set(i, { phone: e.currentTarget.value })}
            />
          </label>
          <label>
            {w('email')}
            <input
              type="email"
              maxLength={200}
              value={o.email ?? ''}
              onInput={(e) => set(i, { email: e.currentTarget.value })}
            />
          </label>
          <label>
            <input type="checkbox" checked={o.trained} onChange={(e) => set(i, { trained: e.currentTarget.checked })} />{' '}
            {w('trained')}
          </label>
          <label>
            <input type="checkbox" checked={o.active} onChange={(e) => set(i, { active: e.currentTarget.checked })} />{' '}
            {w('active')}
          </label>
          <button type="button" onClick={() => change((now) => now.filter((_, at) => at !== i))}>
            {w('removeOfficer')}
          </button>
        </div>
      ))}
      {rows.length < mostOfficers && (
        <button type="button" data-act="add-officer" onClick={() => change((now) => [...now, { ...blank }])}>
          {w('addOfficer')}
        </button>
      )}
    </fieldset>
  );
}
