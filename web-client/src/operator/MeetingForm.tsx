import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { MeetingRow, OrderForm, TemplateRow } from '../wire';
import { DateField } from './DateField';
import { type Desk, localTime } from './desk';
import { clock, w } from './words';

const empty: OrderForm = {};

/** MeetingForm holds a meeting in five fields: from a template, from the last one, or from nothing. */
export function MeetingForm({ desk, onCreated }: { desk: Desk; onCreated: () => void }) {
  const templates = useSignal<TemplateRow[]>([]);
  const form = useSignal<OrderForm>(empty);
  const start = useSignal(localTime(Date.now() + 2 * 3600_000));
  useSignalEffect(() => {
    void desk.act(async () => {
      templates.value = await desk.api.get<TemplateRow[]>('templates');
    });
  });
  const system = useComputed(() => desk.systems.value.find((s) => s.id === form.value.system));
  const set = (change: Partial<OrderForm>) => {
    form.value = { ...form.value, ...change };
  };
  const chooseSystem = (id: string) => {
    const s = desk.systems.value.find((row) => row.id === id);
    form.value = {
      title: form.value.title ?? '',
      system: id,
      hostUnit: s?.owner ?? '',
      chairPoint: s?.chairPoint ?? '',
    };
  };
  const fillFrom = (choice: string) =>
    void desk.act(async () => {
      if (choice === '') form.value = empty;
      else if (choice === 'last') form.value = await desk.api.get<OrderForm>('meetings/last/order');
      else form.value = templates.value.find((t) => t.id === choice)?.order ?? empty;
    });
  const create = (e: Event) => {
    e.preventDefault();
    void desk.act(async () => {
      const row = await desk.api.send<MeetingRow>('POST', 'meetings', {
        ...form.value,
        startsAtMs: new Date(start.value).getTime(),
      });
      form.value = empty;
      onCreated();
      return w('created', { title: row.title, at: clock(row.lobbyAtMs ?? row.startsAtMs) });
    });
  };
  const f = form.value;
  const candidates = desk.points.value.filter((p) =>
    f.points ? f.points.includes(p.id) : belongs(desk, p.system, p.id, f),
  );
  return (
    <details class="op-new" data-testid="new-meeting">
      <summary class="op-do">{w('newMeeting')}</summary>
      <form class="op-form op-grid" onSubmit={create}>
        <label>
          {w('from')}
          <select name="from" onChange={(e) => fillFrom(e.currentTarget.value)}>
            <option value="">{w('blank')}</option>
            <option value="last">{w('last')}</option>
            {templates.value.map((t) => (
              <option key={t.id} value={t.id}>
                {t.name}
              </option>
            ))}
          </select>
        </label>
        <label class="op-wide">
          {w('meetingTitle')}
          <input
            name="title"
            required
            maxLength={200}
            value={f.title ?? ''}
            onInput={(e) => set({ title: e.currentTarget.value })}
          />
        </label>
        <label>
          {w('system')}
          <select name="system" required value={f.system ?? ''} onChange={(e) => chooseSystem(e.currentTarget.value)}>
            <option value="" disabled>
              –
            </option>
            {desk.systems.value.map((s) => (
              <option key={s.id} value={s.id}>
                {s.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {w('hostUnit')}
          <input
            name="hostUnit"
            required
            maxLength={200}
            value={f.hostUnit ?? ''}
            onInput={(e) => set({ hostUnit: e.currentTarget.value })}
          />
        </label>
        <DateField name="startsAt" label="startsAt" hour value={start.value} onInput={(at) => (start.value = at)} />
        <label>
          {w('chairPoint')}
          <select
            name="chairPoint"
            required
            value={f.chairPoint ?? ''}
            onChange={(e) => set({ chairPoint: e.currentTarget.value })}
          >
            <option value="" disabled>
              –
            </option>
            {candidates.map((p) => (
              <option key={p.id} value={p.id}>
                {p.number} · {p.name}
              </option>
            ))}
          </select>
        </label>
        {(system.value?.below ?? 0) > 0 && !f.points && (
          <label class="op-check op-wide">
            <input
              type="checkbox"
              checked={f.below ?? false}
              onChange={(e) => set({ below: e.currentTarget.checked })}
            />
            {w('below', { n: system.value?.below ?? 0 })}
          </label>
        )}
        <label class="op-check op-wide">
          <input
            type="checkbox"
            name="readmitByClick"
            checked={f.readmitByClick ?? false}
            onChange={(e) => set({ readmitByClick: e.currentTarget.checked })}
          />
          {w('readmitByClick')}
        </label>
        <p class="op-wide op-quiet">
          {w('roster', { n: candidates.length })}
          {!f.points && f.system && ` (${w('whole')})`}
        </p>
        <button class="op-do" type="submit">
          {w('create')}
        </button>
      </form>
    </details>
  );
}

/** belongs tells whether the chosen system calls a point; the server decides, this only fills the lists. */
function belongs(desk: Desk, home: string, point: string, f: OrderForm): boolean {
  if (!f.system) return false;
  const chosen = desk.systems.value.find((s) => s.id === f.system);
  if (home === f.system || chosen?.chairPoint === point) return true;
  return (f.below ?? false) && desk.systems.value.find((s) => s.id === home)?.above === f.system;
}
