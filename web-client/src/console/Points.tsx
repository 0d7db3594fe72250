// The left column: search and filters, who needs a person, the tree.
import { useComputed } from '@preact/signals';
import { t } from '../i18n/i18n';
import { matches } from '../state/search';
import { isOut, lamp, worstFirst } from '../state/worst';
import { Icon, Lamp } from '../ui/icons';
import type { RosterRow } from '../wire';
import { copyOut } from './clipboard';
import { countsOf } from './counts';
import type { Desk, Filter } from './desk';
import { useIds } from './ids';
import { Row } from './Row';
import { Tree } from './Tree';

/** Points is the whole column. */
export function Points({ desk }: { desk: Desk }) {
  const finding = useComputed(() => desk.only.value !== 'all' || desk.query.value !== '' || !desk.worst.value);
  return (
    <aside class="p tree" aria-label={t('con.points')}>
      <div class="h">
        <span>{t('con.points')}</span>
        <button
          type="button"
          class="key r"
          data-act="worst"
          aria-pressed={desk.worst.value}
          onClick={() => {
            desk.worst.value = !desk.worst.value;
          }}
        >
          {t('con.worst')}
          <span class="cap">W</span>
        </button>
      </div>
      <Find desk={desk} />
      <Filters desk={desk} />
      {finding.value ? <Found desk={desk} /> : <Needs desk={desk} />}
      <CopyOut desk={desk} />
      {!finding.value && <Tree desk={desk} />}
    </aside>
  );
}

function Find({ desk }: { desk: Desk }) {
  return (
    <label class="find">
      <Icon name="search" />
      <input
        type="search"
        data-testid="search"
        data-field="search"
        placeholder={t('con.search')}
        aria-label={t('con.search')}
        value={desk.query.value}
        onInput={(e) => {
          desk.query.value = e.currentTarget.value;
        }}
      />
      <span class="cap">/</span>
    </label>
  );
}

/** Everyone who needs a person, the worst first: the resting state of this list is short. */
function Needs({ desk }: { desk: Desk }) {
  const ids = useIds(() => needing(desk).map((row) => row.id));
  return (
    <>
      <div class="sub">
        <span>{t('desk.needs')}</span>
        <span class="num">{ids.value.length || ''}</span>
      </div>
      <div class="rows needs" data-list>
        {ids.value.map((id) => (
          <Row key={id} id={id} desk={desk} called />
        ))}
        {ids.value.length === 0 && <p class="none">{t('desk.needs.none')}</p>}
      </div>
    </>
  );
}

/** What search and filters find. */
function Found({ desk }: { desk: Desk }) {
  const ids = useIds(() => found(desk).map((row) => row.id));
  return (
    <div class="rows" data-list>
      {ids.value.map((id) => (
        <Row key={id} id={id} desk={desk} called />
      ))}
      {ids.value.length === 0 && <p class="none">{t('con.none')}</p>}
    </div>
  );
}

function CopyOut({ desk }: { desk: Desk }) {
  const out = useComputed(() => desk.page.state.all().filter(isOut).length);
  return (
    <div class="copy">
      <button type="button" class="key" data-act="copy-out" disabled={out.value === 0} onClick={() => copyOut(desk)}>
        {t('desk.copyLost')} <span class="cap">⇧K</span>
      </button>
      <span>{out.value > 0 && t('desk.copyLost.n', { n: out.value })}</span>
    </div>
  );
}

function needing(desk: Desk): RosterRow[] {
  const { state } = desk.page;
  const weak = (id: string) => state.lines.weak(id);
  return worstFirst(
    state.all().filter((row) => row.asking || isOut(row) || weak(row.id)),
    weak,
  );
}

function found(desk: Desk): RosterRow[] {
  const { state } = desk.page;
  const weak = (id: string) => state.lines.weak(id);
  const rows = state.all().filter((row) => fits(row, desk.only.value, weak(row.id)) && matches(row, desk.query.value));
  return desk.worst.value ? worstFirst(rows, weak) : rows;
}

function fits(row: RosterRow, only: Filter, weak: boolean): boolean {
  if (only === 'all') return true;
  if (only === 'problem') return row.presence === 'lost';
  if (only === 'weak') return weak && row.presence === 'present';
  return lamp(row) === only;
}

const filters = ['all', 'problem', 'weak', 'air', 'off', 'ask'] as const;
const filterWords = {
  problem: 'desk.problem',
  weak: 'desk.weak',
  air: 'con.micsOn',
  off: 'con.absent',
  ask: 'con.asking',
} as const;

function Filters({ desk }: { desk: Desk }) {
  const counts = useComputed(() => countsOf(desk));
  return (
    <div class="chips">
      {filters.map((only) => (
        <button
          type="button"
          key={only}
          class={`key ${desk.only.value === only ? 'on' : ''}`}
          data-act={`only-${only}`}
          aria-pressed={desk.only.value === only}
          onClick={() => {
            desk.only.value = only;
          }}
        >
          {only !== 'all' && <Lamp is={only === 'problem' ? 'lost' : only} />}
          {only === 'all'
            ? t('con.all', { n: counts.value.all })
            : `${t(filterWords[only])} ${counts.value[only] || ''}`}
        </button>
      ))}
    </div>
  );
}
