// A second device that waits for a person, or a point that waits to be let in.
import { useComputed, useSignal } from '@preact/signals';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { Lamp } from '../ui/icons';
import type { Desk } from './desk';

/** Takeovers are points whose second device asks to come in; a person confirms, in two presses. */
export function Takeovers({ desk }: { desk: Desk }) {
  const asking = useComputed(() => desk.page.state.all().filter((row) => row.asking && row.presence !== 'absent'));
  return (
    <>
      {asking.value.map((row) => (
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
