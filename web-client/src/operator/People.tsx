import { useSignal, useSignalEffect } from '@preact/signals';
import type { Hold, Role, UserRow } from '../wire';
import type { Desk } from './desk';
import { Table } from './Table';
import { roleWord, w } from './words';

const roles: Role[] = ['operator', 'controller', 'chair', 'focal', 'observer', 'carrier'];
const ofPoint: Role[] = ['chair', 'focal'];

/** People lists the accounts, makes new ones and takes them back. */
export function People({ desk }: { desk: Desk }) {
  const rows = useSignal<UserRow[] | undefined>(undefined);
  const fresh = useSignal({ name: '', display: '', password: '' });
  const role = useSignal<Role>('controller');
  const where = useSignal('');
  const load = () =>
    desk.act(async () => {
      rows.value = await desk.api.get<UserRow[]>('users');
    });
  useSignalEffect(() => {
    void load();
  });
  const needsPoint = ofPoint.includes(role.value);
  const add = (e: Event) => {
    e.preventDefault();
    void desk.act(async () => {
      const hold: Hold = needsPoint
        ? { role: role.value, point: where.value }
        : { role: role.value, system: where.value };
      await desk.api.send('POST', 'users', { ...fresh.value, holds: [hold] });
      const name = fresh.value.name;
      fresh.value = { name: '', display: '', password: '' };
      await load();
      return w('added', { name });
    });
  };
  const revoke = (row: UserRow) => {
    if (!confirm(w('revokeSure', { name: row.display || row.name }))) return;
    void desk.act(async () => {
      await desk.api.send('DELETE', `users/${row.name}`);
      await load();
    });
  };
  const field = (key: 'name' | 'display' | 'password') => ({
    value: fresh.value[key],
    onInput: (e: InputEvent) => {
      fresh.value = { ...fresh.value, [key]: (e.currentTarget as HTMLInputElement).value };
    },
  });
  return (
    <section>
      <h2>{w('people')}</h2>
      <form class="op-form op-grid" onSubmit={add}>
        <label>
          {w('name')}
          <input required pattern="[a-z0-9._\-]{1,32}" autocomplete="off" {...field('name')} />
        </label>
        <label>
          {w('display')}
          <input maxLength={100} autocomplete="off" {...field('display')} />
        </label>
        <label>
          {w('password')}
          <input type="password" required minLength={10} autocomplete="new-password" {...field('password')} />
        </label>
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
            {(needsPoint ? desk.points.value : desk.systems.value).map((row) => (
              <option key={row.id} value={row.id}>
                {row.name}
              </option>
            ))}
          </select>
        </label>
        <button class="op-do" type="submit">
          {w('addUser')}
        </button>
      </form>
      <Table head={['name', 'display', 'role', '']} rows={rows.value}>
        {(row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            <td>{row.display}</td>
            <td>
              {row.holds.map((h) => (
                <span key={`${h.role}${h.system}${h.point}`} class="op-officer">
                  {roleWord(h.role)} ·{' '}
                  {h.point ? desk.nameOf(h.point) : h.system ? desk.systemName(h.system) : w('everywhere')}
                </span>
              ))}
            </td>
            <td>
              {row.disabled ? (
                w('revoked')
              ) : (
                <button type="button" class="op-grave" onClick={() => revoke(row)}>
                  {w('revoke')}
                </button>
              )}
            </td>
          </tr>
        )}
      </Table>
    </section>
  );
}
