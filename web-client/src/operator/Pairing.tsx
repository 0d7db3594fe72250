import { useSignal, useSignalEffect } from '@preact/signals';
import type { PairingRow, PairingState } from '../wire';
import type { Desk } from './desk';
import { clock, w } from './words';

/** Pairing gives the kiosk that shows a code its point. */
export function Pairing({ desk }: { desk: Desk }) {
  const point = useSignal('');
  const waiting = useSignal<PairingRow[]>([]);
  useSignalEffect(() => {
    const look = () =>
      void desk.act(async () => {
        waiting.value = await desk.api.get<PairingRow[]>('pairing/waiting');
      });
    look();
    const timer = setInterval(look, 5000);
    return () => clearInterval(timer);
  });
  const pair = (e: Event) => {
    e.preventDefault();
    void desk.act(async () => {
      const given = await desk.api.send<PairingState>('POST', 'pairing/assign', {
        code: desk.code.value,
        point: point.value,
      });
      desk.code.value = '';
      await desk.refresh();
      return w('paired', { point: given.name ?? '' });
    });
  };
  return (
    <section>
      <h2>{w('pairing')}</h2>
      <p class="op-quiet">{w('pairHelp')}</p>
      <form class="op-form op-grid" onSubmit={pair}>
        <label>
          {w('code')}
          <input
            name="code"
            class="num op-code"
            inputMode="numeric"
            autocomplete="off"
            required
            pattern="[0-9]{3}[ \-]?[0-9]{3}"
            value={desk.code.value}
            onInput={(e) => {
              desk.code.value = e.currentTarget.value;
            }}
          />
        </label>
        <label>
          {w('point')}
          <select name="point" required value={point.value} onChange={(e) => (point.value = e.currentTarget.value)}>
            <option value="" disabled>
              –
            </option>
            {desk.systems.value.map((s) => (
              <optgroup key={s.id} label={s.name}>
                {desk.points.value
                  .filter((p) => p.system === s.id)
                  .map((p) => (
                    <option key={p.id} value={p.id}>
                      {p.number} · {p.name}
                    </option>
                  ))}
              </optgroup>
            ))}
          </select>
        </label>
        <button class="op-do" type="submit">
          {w('pair')}
        </button>
      </form>
      <h3>{w('waitingDevices')}</h3>
      {waiting.value.length === 0 && <p class="op-quiet">{w('none')}</p>}
      <ul class="op-list">
        {waiting.value.map((row) => (
          <li key={`${row.from}:${row.sinceMs}`}>
            {w('address')} <b class="num">{row.from}</b> · {w('since')} <span class="num">{clock(row.sinceMs)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
