import { useSignal, useSignalEffect } from '@preact/signals';
import { save } from '../page/save';
import type { MeetingRow, Phase } from '../wire';
import type { Desk } from './desk';
import { MeetingForm } from './MeetingForm';
import { Table } from './Table';
import { clock, type Word, w } from './words';

const phaseWords: Record<Phase, Word> = {
  waiting: 'waiting',
  lobby: 'inLobby',
  open: 'open',
  closing: 'closing',
  ended: 'ended',
};

/** Meetings lists the meetings, and holds new ones. */
export function Meetings({ desk }: { desk: Desk }) {
  const rows = useSignal<MeetingRow[] | undefined>(undefined);
  const moving = useSignal<MeetingRow | null>(null);
  const load = () =>
    desk.act(async () => {
      rows.value = await desk.api.get<MeetingRow[]>('schedule');
    });
  useSignalEffect(() => {
    void load();
  });
  const act = (row: MeetingRow, body: object) =>
    desk.act(async () => {
      await desk.api.send('POST', `meetings/${encodeURIComponent(row.id)}/acts`, body);
      moving.value = null;
      await load();
    });
  const openPage = (row: MeetingRow, role: 'controller' | 'chair') =>
    desk.act(async () => {
      const wanted =
        role === 'chair' ? { role, point: row.chairPoint, system: row.system } : { role, system: row.system };
      const link = await desk.api.send<{ path: string }>('POST', 'session/links', wanted);
      window.open(link.path, '_blank', 'noopener');
    });
  return (
    <>
      <MeetingForm desk={desk} onCreated={load} />
      <section>
        <h2>{w('meetings')}</h2>
        <Table head={['startsAt', 'meetingTitle', 'state', 'connected', '']} rows={rows.value}>
          {(row) => (
            <tr key={row.id} data-meeting={row.id}>
              <td class="num">{clock(row.startsAtMs)}</td>
              <th scope="row">
                {row.title}
                <small>
                  {row.hostUnit} · {desk.systemName(row.system)}
                </small>
              </th>
              <td data-phase={row.phase}>
                {w(row.damaged ? 'damaged' : row.imported ? 'imported' : phaseWords[row.phase])}
                {row.phase === 'waiting' && <small class="num">{clock(row.lobbyAtMs)}</small>}
              </td>
              <td class="num">
                {row.present}/{row.points}
              </td>
              <td>
                <div class="op-acts">
                  {row.imported && (
                    <button type="button" onClick={() => void act(row, { act: 'resume' })}>
                      {w('resume')}
                    </button>
                  )}
                  {row.phase === 'waiting' && !row.imported && (
                    <button type="button" onClick={() => void act(row, { act: 'lobby' })}>
                      {w('openLobby')}
                    </button>
                  )}
                  {(row.phase === 'waiting' || row.phase === 'lobby') && !row.imported && (
                    <button type="button" onClick={() => void act(row, { act: 'start' })}>
                      {w('start')}
                    </button>
                  )}
                  {row.phase !== 'ended' && !row.imported && !row.damaged && (
                    <>
                      <button type="button" onClick={() => void openPage(row, 'controller')}>
                        {w('console')}
                      </button>
                      <button type="button" onClick={() => void openPage(row, 'chair')}>
                        {w('chair')}
                      </button>
                      <button type="button" onClick={() => (moving.value = row)}>
                        {w('rehome')}
                      </button>
                      <button
                        type="button"
                        class="op-grave"
                        onClick={() => confirm(w('endSure', { title: row.title })) && void act(row, { act: 'end' })}
                      >
                        {w('end')}
                      </button>
                    </>
                  )}
                  <button
                    type="button"
                    onClick={() =>
                      void desk.act(async () =>
                        save(await desk.api.file(`meetings/${encodeURIComponent(row.id)}/export`), `${row.id}.jsonl`),
                      )
                    }
                  >
                    {w('download')}
                  </button>
                </div>
              </td>
            </tr>
          )}
        </Table>
      </section>
      {moving.value && (
        <Rehome
          desk={desk}
          row={moving.value}
          onMove={(body) => void act(moving.value as MeetingRow, body)}
          onClose={() => (moving.value = null)}
        />
      )}
    </>
  );
}

/** Rehome moves a meeting to another system and chair point in one act (Art 5.2.c). */
function Rehome(props: { desk: Desk; row: MeetingRow; onMove: (body: object) => void; onClose: () => void }) {
  const { desk, row } = props;
  const system = useSignal(row.system);
  const point = useSignal(row.chairPoint);
  return (
    <dialog open class="op-dialog" aria-label={w('rehome')}>
      <form
        class="op-form"
        onSubmit={(e) => {
          e.preventDefault();
          props.onMove({ act: 'rehome', system: system.value, point: point.value });
        }}
      >
        <label>
          {w('rehomeTo', { title: row.title })}
          <select value={system.value} onChange={(e) => (system.value = e.currentTarget.value)}>
            {desk.systems.value.map((s) => (
              <option key={s.id} value={s.id}>
                {s.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {w('chairPoint')}
          <select value={point.value} onChange={(e) => (point.value = e.currentTarget.value)}>
            {desk.points.value.map((p) => (
              <option key={p.id} value={p.id}>
                {desk.nameOf(p.id)}
              </option>
            ))}
          </select>
        </label>
        <div class="op-acts">
          <button class="op-do" type="submit">
            {w('rehome')}
          </button>
          <button type="button" onClick={props.onClose}>
            {w('cancel')}
          </button>
        </div>
      </form>
    </dialog>
  );
}
