// Incidents: they open by themselves; people add cause, remedy and the hour.
import { clock, hour, span } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { Lamp } from '../ui/icons';
import type { IncidentView } from '../wire';
import type { Desk } from './desk';
import { focusField } from './focus';
import { IncidentForm } from './IncidentForm';

/** How long a closed incident stays on the list. */
const staysMs = 10 * 60_000;

/** Incidents is the table at the foot of the middle column. */
export function Incidents({ desk }: { desk: Desk }) {
  const now = desk.page.now.value;
  const all = desk.page.state.incidents.value;
  const list = all.filter((i) => !i.closedAtMs || now - i.closedAtMs < staysMs);
  const open = list.filter((i) => !i.closedAtMs);
  return (
    <section class="p inc" aria-label={t('desk.incidents')} data-testid="incidents">
      {list.length === 0 ? (
        <p class="none">{t('desk.incidents.none')}</p>
      ) : (
        <div class="scroll" data-list>
          <table>
            <thead>
              <tr>
                <th scope="col">
                  {t('desk.incidents')} {open.length || ''}
                </th>
                <th scope="col">{t('desk.inc.since')}</th>
                <th scope="col">{t('desk.inc.cause')}</th>
                <th scope="col">{t('desk.inc.remedy')}</th>
                <th scope="col">{t('desk.inc.at')}</th>
                <th scope="col">{t('desk.inc.left')}</th>
                <th scope="col">
                  <Acknowledge desk={desk} />
                </th>
              </tr>
            </thead>
            <tbody>
              {[...open, ...list.filter((i) => i.closedAtMs)].map((incident) => (
                <Incident key={incident.id} desk={desk} incident={incident} now={now} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** The alarm's key: where it can be seen that something waits, it can be said that somebody heard. */
function Acknowledge({ desk }: { desk: Desk }) {
  const n = desk.alarms.open.value.length;
  return (
    <button
      type="button"
      class={`key ${n ? 'is-alarm' : ''}`}
      data-act="acknowledge"
      disabled={n === 0}
      title={t('desk.ack.sub')}
      onClick={() => desk.alarms.acknowledge()}
    >
      {t('desk.ack', { n })} <span class="cap">A</span>
    </button>
  );
}

interface RowProps {
  desk: Desk;
  incident: IncidentView;
  now: number;
}

function Incident({ desk, incident, now }: RowProps) {
  const row = desk.page.state.row(incident.point).value;
  const described = incident.cause || incident.remedy;
  const editing = desk.describing.value === incident.id;
  const closed = incident.closedAtMs ?? 0;
  return (
    <>
      <tr data-testid="incident" data-point={incident.point} class={closed ? 'closed' : ''}>
        <td>
          <button type="button" class="who" data-item onClick={() => desk.floor.choose(incident.point)}>
            <Lamp is={closed ? 'closed' : 'lost'} />
            <span class="num q">{row ? number(row.number) : ''}</span> <b>{incident.name}</b>{' '}
            <small>{incident.parent}</small>
          </button>
        </td>
        <td class="num">{span((closed || now) - incident.openedAtMs)}</td>
        {closed ? (
          <td colSpan={4} class="q">
            {t('desk.inc.closed', { time: clock(closed) })}
            {incident.cause && ` · ${incident.cause}`}
          </td>
        ) : (
          <>
            <td>{incident.cause || <b class="w is-ask">{t('desk.inc.none')}</b>}</td>
            <td>{incident.remedy || '–'}</td>
            <td class="num">{incident.expectedAtMs ? hour(incident.expectedAtMs) : '–'}</td>
            <td>{incident.expectedAtMs ? <Left ms={incident.expectedAtMs - now} /> : ''}</td>
          </>
        )}
        <td class="keys">
          {!closed && (
            <button
              type="button"
              class="key"
              data-act="describe"
              aria-expanded={editing}
              onClick={() => {
                desk.describing.value = editing ? 0 : incident.id;
              }}
            >
              {t(described ? 'desk.inc.edit' : 'desk.inc.fill')}
            </button>
          )}
          <button
            type="button"
            class="key"
            data-act="message-point"
            onClick={() => {
              desk.floor.choose(incident.point);
              focusField('message');
            }}
          >
            {t('desk.message')}
          </button>
        </td>
      </tr>
      {editing && <IncidentForm desk={desk} incident={incident} />}
    </>
  );
}

/** The estimate runs: what is left, and from zero on how late it is. */
function Left({ ms }: { ms: number }) {
  if (ms >= 0) return <span class="eta">{span(ms)}</span>;
  return <span class="late num">{t('desk.inc.late', { time: span(-ms) })}</span>;
}
