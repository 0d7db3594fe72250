// What the controller writes down on the telephone for an officer who cannot.
import { t } from '../i18n/i18n';
import type { IncidentView } from '../wire';
import type { Desk } from './desk';

/** IncidentForm is a row of fields under its incident. */
export function IncidentForm({ desk, incident }: { desk: Desk; incident: IncidentView }) {
  const close = () => {
    desk.describing.value = 0;
  };
  const submit = async (e: SubmitEvent) => {
    e.preventDefault();
    const form = new FormData(e.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const minutes = Number(text('minutes')) || undefined;
    const words = `${t('desk.incidents')}: ${incident.name}`;
    const said = { point: incident.point, cause: text('cause'), remedy: text('remedy'), minutes };
    if (await desk.acts.say(words, 'incident.describe', said)) close();
  };
  const left = incident.expectedAtMs ? Math.ceil((incident.expectedAtMs - desk.page.now.peek()) / 60_000) : 0;
  return (
    <tr class="form">
      <td colSpan={7}>
        <form onSubmit={(e) => void submit(e)} data-testid="incident-form">
          <input name="cause" required maxLength={200} value={incident.cause} {...named('desk.inc.cause')} />
          <input name="remedy" maxLength={200} value={incident.remedy} {...named('desk.inc.remedy')} />
          <input
            name="minutes"
            type="number"
            min={1}
            max={1440}
            value={left > 0 ? String(left) : ''}
            {...named('desk.inc.minutes')}
          />
          <button type="submit" class="key" data-act="save">
            {t('desk.save')} <span class="cap">⏎</span>
          </button>
          <button type="button" class="key" data-act="cancel" onClick={close}>
            {t('desk.cancel')}
          </button>
        </form>
      </td>
    </tr>
  );
}

function named(key: 'desk.inc.cause' | 'desk.inc.remedy' | 'desk.inc.minutes') {
  return { placeholder: t(key), 'aria-label': t(key) };
}
