// The speaking order as it stands: who spoke, who speaks, who is next.
import { useComputed } from '@preact/signals';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { Lamp } from '../ui/icons';
import type { EntryView, ProgrammeView } from '../wire';
import type { Desk } from './desk';

/** How many turns the desk shows around the next. */
const shownTurns = 4;

/** Order is the panel between the queue and the open microphones. */
export function Order({ desk }: { desk: Desk }) {
  const programme = desk.page.state.programme.value;
  const entries = programme?.entries ?? [];
  const done = entries.filter((e) => e.state === 'done').length;
  return (
    <section class="p order" aria-label={t('desk.order')} data-testid="order">
      <div class="h">
        <span>{t('desk.order')}</span>
        {entries.length > 0 && (
          <span class="num n">
            {done}/{entries.length}
          </span>
        )}
        <button type="button" class="key r" data-act="order" onClick={() => desk.open('order')}>
          {t('desk.order.edit')} <span class="cap">O</span>
        </button>
      </div>
      {programme && entries.length > 0 ? (
        <Turns desk={desk} programme={programme} />
      ) : (
        <p class="none">{t('desk.order.none')}</p>
      )}
    </section>
  );
}

function Turns({ desk, programme }: { desk: Desk; programme: ProgrammeView }) {
  const { entries, next } = programme;
  const at = entries.findIndex((e) => e.state === 'speaking' || e.id === next);
  const from = Math.max(0, Math.min(at < 0 ? entries.length : at, entries.length - shownTurns));
  const coming = entries.find((e) => e.id === next);
  const row = useComputed(() => desk.page.state.row(coming?.point ?? '').value);
  const name = row.value ? `${number(row.value.number)} ${row.value.name}` : '';
  return (
    <>
      <ol>
        {entries.slice(from, from + shownTurns).map((entry, i) => (
          <Turn key={entry.id} desk={desk} entry={entry} place={from + i + 1} next={entry.id === next} />
        ))}
      </ol>
      <div class="acts">
        <button
          type="button"
          class="key is-grant"
          data-tally
          data-act="next"
          disabled={!next}
          onClick={() => desk.next()}
        >
          {t('desk.order.next')}
          {name && `: ${name}`} <span class="cap">G</span>
        </button>
        <button type="button" class="key" data-act="later" disabled={!next} onClick={() => desk.later()}>
          {t('desk.defer')} <span class="cap">⇧G</span>
        </button>
      </div>
    </>
  );
}

const lamps = { waiting: 'closed', speaking: 'air', done: 'closed', skipped: 'off' } as const;

interface TurnProps {
  desk: Desk;
  entry: EntryView;
  place: number;
  next: boolean;
}

function Turn({ desk, entry, place, next }: TurnProps) {
  const row = desk.page.state.row(entry.point).value;
  const is = next ? 'grant' : lamps[entry.state];
  const quiet = entry.state === 'waiting' && entry.minutes ? t('desk.limit.minutes', { n: entry.minutes }) : '';
  return (
    <li class={`po is-${is} ${entry.state}`} data-testid="turn" data-state={entry.state}>
      <span class="n">{place}</span>
      <span class="nm">
        <span class="num q">{row ? number(row.number) : ''}</span> <b>{row?.name ?? entry.point}</b>{' '}
        <small>{[entry.delegate, entry.subject].filter(Boolean).join(': ') || row?.parent}</small>
      </span>
      <span class="w">
        {(next || entry.state !== 'waiting') && <Lamp is={is} />}
        {next ? t('desk.order.isNext') : quiet || t(`desk.order.${entry.state}`)}
      </span>
    </li>
  );
}
