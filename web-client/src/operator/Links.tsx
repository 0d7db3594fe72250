import { useSignal, useSignalEffect } from '@preact/signals';
import type { LinkMade, LinkWanted, Part, Role, TokenRow } from '../wire';
import type { Desk } from './desk';
import { Table } from './Table';
import { clock, roleWord, w } from './words';

/** The roles a link can be for; the first three need a point. */
const roles: Role[] = ['room', 'chair', 'focal', 'controller', 'observer', 'carrier', 'operator'];
const ofPoint: Role[] = ['room', 'chair', 'focal'];

/** Links lists what lets people and devices in, makes new ones and takes them back. */
export function Links({ desk }: { desk: Desk }) {
  const rows = useSignal<TokenRow[] | undefined>(undefined);
  const role = useSignal<Role>('room');
  const where = useSignal('');
  const part = useSignal<Part | ''>('');
  const exclude = useSignal('');
  const made = useSignal('');
  const load = () =>
    desk.act(async () => {
      rows.value = await desk.api.get<TokenRow[]>('links');
    });
  useSignalEffect(() => {
    void load();
  });
  const needsPoint = ofPoint.includes(role.value);
  const make = (e: Event) => {
    e.preventDefault();
    void desk.act(async () => {
      const at = desk.points.value.some((p) => p.id === where.value) ? 'point' : 'system';
      const wanted = {
        role: role.value,
        [at]: where.value,
        ...(part.value && { part: part.value }),
        ...(exclude.value && { exclude: [exclude.value] }),
      };
      const link = await desk.api.send<LinkMade>('POST', 'links', wanted satisfies LinkWanted);
      made.value = location.origin + link.path;
      await load();
    });
  };
  const revoke = (row: TokenRow) => {
    if (!confirm(w('revokeSure', { name: row.name || roleWord(row.role) }))) return;
    void desk.act(async () => {
      await desk.api.send('DELETE', `links/${row.id}`);
      await load();
    });
  };
  return (
    <section>
      <h2>{w('links')}</h2>
      <form class="op-form op-grid" data-testid="new-link" onSubmit={make}>
        <label>
          {w('role')}
          <select
            name="role"
            value={role.value}
            onChange={(e) => {
              role.value = e.currentTarget.value as Role;
              where.value = '';
              part.value = '';
              exclude.value = '';
            }}
          >
            {roles.map((r) => (
              <option key={r} value={r}>
                {roleWord(r)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {needsPoint ? w('point') : w('where')}
          <select
            name="where"
            required={needsPoint}
            value={where.value}
            onChange={(e) => (where.value = e.currentTarget.value)}
          >
            <option value="">{needsPoint ? '–' : w('everywhere')}</option>
            <Places desk={desk} of={role.value} />
          </select>
        </label>
        {role.value === 'observer' && (
          <>
            <label>
              {w('part')}
              <select
                name="part"
                value={part.value}
                onChange={(e) => (part.value = e.currentTarget.value as Part | '')}
              >
                <option value="">{w('partWhole')}</option>
                <option value="content">{w('partContent')}</option>
                <option value="people">{w('partPeople')}</option>
              </select>
            </label>
            <label>
              {w('exclude')}
              <select name="exclude" value={exclude.value} onChange={(e) => (exclude.value = e.currentTarget.value)}>
                <option value="">–</option>
                <Places desk={desk} of="room" />
              </select>
            </label>
          </>
        )}
        <button class="op-do" type="submit">
          {w('makeLink')}
        </button>
      </form>
      {made.value && (
        <p class="op-once" role="status">
          {w('linkOnce')} <code>{made.value}</code>{' '}
          <button type="button" onClick={() => void navigator.clipboard?.writeText(made.value)}>
            {w('copy')}
          </button>
        </p>
      )}
      <Table head={['role', 'where', 'issuedAt', 'issuedBy', 'until', '']} rows={rows.value}>
        {(row) => (
          <tr key={row.id}>
            <th scope="row">
              {roleWord(row.role)}
              {row.device && <small>{w('device')}</small>}
            </th>
            <td>{row.point ? desk.nameOf(row.point) : row.system ? desk.systemName(row.system) : w('everywhere')}</td>
            <td class="num">{clock(row.issuedAtMs)}</td>
            <td>{row.issuedBy}</td>
            <td class="num">{clock(row.untilMs)}</td>
            <td>
              <button type="button" class="op-grave" onClick={() => revoke(row)}>
                {w('revoke')}
              </button>
            </td>
          </tr>
        )}
      </Table>
    </section>
  );
}

/** Places are what a link of the role can be for: points, systems, or for a display either. */
function Places({ desk, of: role }: { desk: Desk; of: Role }) {
  const points = desk.points.value.map((p) => (
    <option key={p.id} value={p.id}>
      {p.number} · {p.name}
    </option>
  ));
  const systems = desk.systems.value.map((s) => (
    <option key={s.id} value={s.id}>
      {s.name}
    </option>
  ));
  if (ofPoint.includes(role)) return <>{points}</>;
  if (role !== 'observer') return <>{systems}</>;
  return (
    <>
      <optgroup label={w('system')}>{systems}</optgroup>
      <optgroup label={w('secondDisplay')}>{points}</optgroup>
    </>
  );
}
