// The speaking order at the chair's right hand: who spoke, who speaks, who is
// next. It never scrolls: it shows the turns around the one of now.
import { t } from '../i18n/i18n';
import { Icon, Lamp } from '../ui/icons';
import type { EntryView, ProgrammeView } from '../wire';
import type { Tablet } from './tablet';

/** How many turns stand there at once. */
const shownTurns = 6;

/** Order is the speaking order, or while there is none, who is connected. */
export function Order({ tablet }: { tablet: Tablet }) {
  const programme = tablet.page.state.programme.value;
  if (!programme?.entries.length) return <Connected tablet={tablet} />;
  return <Turns tablet={tablet} programme={programme} />;
}

function Turns({ tablet, programme }: { tablet: Tablet; programme: ProgrammeView }) {
  const { entries, next } = programme;
  const now = entries.findIndex((e) => e.state === 'speaking' || e.id === next);
  const from = Math.max(0, Math.min((now < 0 ? entries.length : now) - 2, entries.length - shownTurns));
  const after = entries.length - from - shownTurns;
  return (
    <section class="order" data-testid="order" aria-label={t('desk.order')}>
      <h2>
        {t('desk.order')}
        {after > 0 && <span>{t('ch.order.more', { n: after })}</span>}
      </h2>
      <ol>
        {entries.slice(from, from + shownTurns).map((entry, i) => (
          <Turn key={entry.id} tablet={tablet} entry={entry} place={from + i + 1} />
        ))}
      </ol>
    </section>
  );
}

function Turn({ tablet, entry, place }: { tablet: Tablet; entry: EntryView; place: number }) {
  const row = tablet.row(entry.point);
  const next = entry.id === tablet.coming.value?.id;
  const chosen = tablet.next.value?.point === entry.point && entry.state === 'waiting';
  const sub = next
    ? t(tablet.next.value?.request && chosen ? 'ch.order.queue' : 'desk.order.isNext')
    : entry.state === 'waiting' || entry.state === 'done'
      ? ''
      : t(`desk.order.${entry.state}`);
  const words = (
    <>
      <span class="n num">{place}</span>
      <span class="name">
        <b>{row?.name ?? entry.point}</b>
        {sub && <small>{sub}</small>}
      </span>
      {entry.state === 'done' && <Icon name="ok" />}
      {chosen && <Lamp is="grant" />}
    </>
  );
  const look = `turn ${entry.state} ${chosen ? 'sel' : ''} ${entry.state === 'speaking' ? 'is-air' : ''}`;
  if (!next) return <li class={look}>{words}</li>;
  return (
    <li>
      <button
        type="button"
        class={look}
        data-testid="next-turn"
        aria-pressed={chosen}
        onClick={() => tablet.pickOrder()}
      >
        {words}
      </button>
    </li>
  );
}

/** A meeting without a speaking order shows who is here. */
function Connected({ tablet }: { tablet: Tablet }) {
  const rows = tablet.page.state.all();
  const here = rows.filter((row) => row.presence === 'present');
  const away = rows.filter((row) => row.presence !== 'present');
  return (
    <section class="points" data-testid="points" aria-label={t('ch.points')}>
      <h2>
        {t('ch.points')}
        <span>{t('ch.connected', { n: here.length, all: rows.length })}</span>
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is also scrolled by keys */}
      <ul tabIndex={0}>
        {[...away, ...here].map((row) => (
          <li key={row.id} class={row.presence === 'lost' ? 'is-lost' : row.presence === 'absent' ? 'is-off' : ''}>
            <Lamp
              is={
                row.presence === 'lost'
                  ? 'lost'
                  : row.presence === 'absent'
                    ? 'off'
                    : row.mic === 'on'
                      ? 'air'
                      : 'closed'
              }
            />
            {row.name}
          </li>
        ))}
      </ul>
    </section>
  );
}
