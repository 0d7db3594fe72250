import { useSignal, useSignalEffect } from '@preact/signals';
import type { LinkMade, Role, TokenRow } from '../wire';
import type { Desk } from './desk';
import { clock, roleWord, w } from './words';

/** The roles a link can be for; the first three need a point. */
const roles: Role[] = ['room', 'chair', 'focal', 'controller', 'observer', 'carrier', 'operator'];
const ofPoint: Role[] = ['room', 'chair', 'focal'];

/** Links lists what lets people and devices in, makes new ones and takes them back. */
export function Links({ desk }: { desk: Desk }) {
  const rows = useSignal<TokenRow[]>([]);
  const role = useSignal<Role>('room');
  const where = useSignal('');
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
      const wanted = needsPoint ? { role: role.value, point: where.value } : { role: role.value, system: where.value };
      const link = await desk.api.send<LinkMade>('POST', 'links', wanted);
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
      <form class="op-form op-grid" onSubmit={make}>
        <label>
          {w('role')}
          <select
            value={role.value}
            onChange={(e) => {
              role.value = e.currentTarget.value as Role;
              where.value = '';
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
          <select required={needsPoint} value={where.value} onChange={(e) => (where.value = e.currentTarget.value)}>
            <option value="">{needsPoint ? '–' : w('everywhere')}</option>
            {needsPoint
              ? desk.points.value.map((p) => (
                  <option key={p.id} value={p.id}>
                    {p.number} · {p.name}
                  </option>
                ))
              : desk.systems.value.map((s) => (
                  <option key={s.id} value={s.id}>
                    {s.name}
                  </option>
                ))}
          </select>
        </label>
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
      <div class="op-scroll">
        <table>
          <thead>
            <tr>
              <th>{w('role')}</th>
              <th>{w('where')}</th>
              <th>{w('issuedAt')}</th>
              <th>{w('issuedBy')}</th>
              <th>{w('until')}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {rows.value.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  {roleWord(row.role)}
                  {row.device && <small>{w('device')}</small>}
                </th>
                <td>
                  {row.point ? desk.nameOf(row.point) : row.system ? desk.systemName(row.system) : w('everywhere')}
                </td>
                <td class="num">{clock(row.issuedAtMs)}</td>
                <td>{row.issuedBy}</td>
                <td class="num">{clock(row.untilMs)}</td>
                <td>
                  <button type="button" class="op-grave" onClick={() => revoke(row)}>
                    {w('revoke')}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
