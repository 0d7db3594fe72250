// The incident form (Art 9.2.d): cause, remedy, and the hour of repair as the
// console will read it. The incident itself opened by itself.
import { useSignal } from '@preact/signals';
import { clock, hour, span } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { Icon } from '../ui/icons';
import { causes, type Focal, repairAt } from './focal';

/** Incident is the form while there is one to describe. */
export function Incident({ focal }: { focal: Focal }) {
  const incident = focal.incident.value;
  const lost = focal.page.state.own.value?.presence === 'lost';
  if (!incident) return <h2>{t(lost ? 'foc.lost' : 'foc.noincident')}</h2>;
  if (incident.closedAtMs) return <h2>{t('foc.closed', { time: clock(incident.closedAtMs) })}</h2>;
  const now = focal.page.now.value;
  return (
    <>
      <section class="lostbox" data-testid="running">
        <h2>
          <Icon name="lost" />
          {t('foc.lost')} <b class="num">{span(now - incident.openedAtMs)}</b>
        </h2>
        <p>{t('foc.lost.since', { time: clock(incident.openedAtMs) })}</p>
      </section>
      <Form focal={focal} />
    </>
  );
}

function Form({ focal }: { focal: Focal }) {
  const remedy = useSignal(focal.incident.value?.remedy ?? '');
  const at = repairAt(focal.page.now.value, focal.minutes.value);
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        void focal.report(remedy.value.trim());
      }}
    >
      <fieldset>
        <legend>{t('foc.cause')}</legend>
        {causes.map((cause) => (
          <button
            type="button"
            key={cause}
            aria-pressed={focal.cause.value === cause}
            data-act={`cause-${cause}`}
            onClick={() => {
              focal.cause.value = cause;
            }}
          >
            {t(`foc.cause.${cause}`)}
          </button>
        ))}
      </fieldset>
      <label>
        {t('foc.remedy')}
        <textarea
          rows={2}
          maxLength={150}
          value={remedy.value}
          data-testid="remedy"
          onInput={(e) => {
            remedy.value = e.currentTarget.value.replace(/\n/g, ' ');
          }}
        />
      </label>
      <fieldset class="repair">
        <legend>{t('foc.expected')}</legend>
        <button type="button" data-act="minus" onClick={() => focal.later(-1)}>
          {t('foc.minus')}
        </button>
        <output class="num" data-testid="repair">
          {hour(at)}
        </output>
        <button type="button" data-act="plus" onClick={() => focal.later(1)}>
          {t('foc.plus')}
        </button>
      </fieldset>
      {focal.reported.value && <p role="status">{t('foc.reported')}</p>}
      <button type="submit" class="big" data-act="report">
        {t('foc.report')}
      </button>
    </form>
  );
}
