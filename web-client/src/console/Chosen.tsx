// The point the keys act on, and a second device that waits for a person.
import { useSignal } from '@preact/signals';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { lamp } from '../state/worst';
import { Lamp } from '../ui/icons';
import type { Desk } from './desk';

/** Chosen offers the floor to a point that has not asked. */
export function Chosen({ desk }: { desk: Desk }) {
  const at = desk.chosen.value;
  const row = at ? desk.page.state.row(at.point).value : undefined;
  const asks = desk.waiting.value.some((r) => r.point === at?.point);
  const holds = desk.granted.value.some((r) => r.point === at?.point && r.floor === 'speech');
  if (!row || asks) return null;
  const target = { point: row.id, floor: 'speech' as const };
  return (
    <section class="p chosen" data-testid="chosen" data-point={row.id} aria-label={t('con.selected')}>
      <h3>
        <Lamp is={lamp(row)} />
        <span class="num">{number(row.number)}</span>
        {row.name} <small>{row.parent}</small>
      </h3>
      <div class="keys">
        {holds ? (
          <button type="button" class="key" data-act="revoke" onClick={() => desk.revoke(target)}>
            {t('con.cut')} <span class="cap">M</span>
          </button>
        ) : (
          <>
            <button type="button" class="key is-grant" data-tally data-act="give" onClick={() => desk.give(target)}>
              {t('con.give')} <span class="cap">F</span>
            </button>
            <button type="button" class="key is-grant" data-tally data-act="grant" onClick={() => desk.grant(target)}>
              {t('con.invite')} <span class="cap">I</span>
            </button>
          </>
        )}
        <button
          type="button"
          class="key"
          data-act="to-preview"
          onClick={() => desk.put({ kind: 'point', point: row.id })}
        >
          {t('con.toPreview', { n: desk.tile.value + 1 })}
        </button>
      </div>
    </section>
  );
}

/** Takeovers are points whose second device asks to come in; a person confirms, in two presses. */
export function Takeovers({ desk }: { desk: Desk }) {
  const asking = desk.page.state.all().filter((row) => row.asking);
  return (
    <>
      {asking.map((row) => (
        <Takeover key={row.id} desk={desk} point={row.id} name={`${number(row.number)} ${row.name}`} />
      ))}
    </>
  );
}

function Takeover({ desk, point, name }: { desk: Desk; point: string; name: string }) {
  const sure = useSignal(false);
  const press = () => {
    if (sure.value) desk.allow(point);
    sure.value = !sure.value;
  };
  return (
    <div class="p takeover" role="alert" data-testid="takeover" data-point={point}>
      <Lamp is="ask" />
      <span>{t('con.takeover', { point: name })}</span>
      <button type="button" class="key" data-act="allow" data-state={sure.value ? 'sure' : ''} onClick={press}>
        {t(sure.value ? 'con.takeover.sure' : 'con.takeover.allow')}
      </button>
    </div>
  );
}
