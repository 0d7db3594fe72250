// Roll call: points are called in the order of their numbers and marked
// present, absent or late; the sheet can be printed.
import { useComputed } from '@preact/signals';
import { hour } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { lamp } from '../state/worst';
import { Lamp } from '../ui/icons';
import { type MarkState, type MarkView, markStates } from '../wire';
import type { Desk } from './desk';
import { Panel } from './Panel';

/** RollCall is the sheet and the keys that lead through it. */
export function RollCall({ desk }: { desk: Desk }) {
  const roll = desk.page.state.rollcall.value;
  const points = desk.page.state.points.value;
  const running = roll !== null && !roll.finishedAtMs;
  const marks = useComputed(() => new Map((desk.page.state.rollcall.value?.marks ?? []).map((m) => [m.point, m])));
  const close = () => {
    desk.panel.value = '';
  };
  const sub = roll?.finishedAtMs
    ? t('desk.roll.done', { time: hour(roll.finishedAtMs) })
    : t('desk.roll.count', { done: marks.value.size, all: points.length });
  return (
    <Panel name="roll" title={t('desk.roll')} sub={roll ? sub : ''} wide close={close}>
      {running ? <Leading desk={desk} /> : <Starting desk={desk} />}
      {roll && (
        <ul class="sheet">
          {points.map((id) => (
            <Mark key={id} desk={desk} id={id} mark={marks.value.get(id)} called={roll.current === id && running} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Starting({ desk }: { desk: Desk }) {
  const start = (quick: boolean) => void desk.acts.say(t('desk.roll.start'), 'rollcall.start', { quick });
  return (
    <div class="line">
      <button type="button" class="key" data-act="roll-start" onClick={() => start(false)}>
        {t('desk.roll.start')}
      </button>
      <button type="button" class="key" data-act="roll-quick" onClick={() => start(true)}>
        {t('desk.roll.quick')} <small>{t('desk.roll.quick.sub')}</small>
      </button>
      {desk.page.state.rollcall.value && (
        <button type="button" class="key r" data-act="print" onClick={() => print()}>
          {t('desk.roll.print')}
        </button>
      )}
    </div>
  );
}

function Leading({ desk }: { desk: Desk }) {
  const roll = desk.page.state.rollcall.value;
  const next = desk.page.state.row(roll?.next ?? '').value;
  return (
    <div class="line">
      <button
        type="button"
        class="key is-grant"
        data-tally
        data-act="roll-next"
        disabled={!next || roll?.paused}
        onClick={() => void desk.acts.say(t('desk.roll'), 'rollcall.next', {})}
      >
        {t('desk.roll.next', { point: next ? `${number(next.number)} ${next.name}` : '' })}
      </button>
      <button
        type="button"
        class="key"
        data-act="roll-pause"
        aria-pressed={roll?.paused === true}
        onClick={() => void desk.acts.say(t('desk.roll.pause'), 'rollcall.pause', { on: !roll?.paused })}
      >
        {t(roll?.paused ? 'desk.roll.resume' : 'desk.roll.pause')}
      </button>
      <button
        type="button"
        class="key r"
        data-act="roll-finish"
        onClick={() => void desk.acts.say(t('desk.roll.finish'), 'rollcall.finish', {})}
      >
        {t('desk.roll.finish')}
      </button>
    </div>
  );
}

interface MarkProps {
  desk: Desk;
  id: string;
  mark: MarkView | undefined;
  called: boolean;
}

const words = { present: 'desk.roll.present', absent: 'desk.roll.absent', late: 'desk.roll.late' } as const;

function Mark({ desk, id, mark, called }: MarkProps) {
  const row = desk.page.state.row(id).value;
  if (!row) return null;
  const set = (state: MarkState, remark = mark?.remark) =>
    void desk.acts.say(`${t('desk.roll')}: ${row.name}`, 'rollcall.mark', {
      point: id,
      state,
      ...(remark && { remark }),
    });
  return (
    <li class={called ? 'sel' : ''} data-testid="mark" data-point={id} data-state={mark?.state ?? ''}>
      <Lamp is={lamp(row)} />
      <span class="num q">{number(row.number)}</span>
      <span class="nm">
        {row.name} <small>{called ? t('desk.roll.called') : row.parent}</small>
      </span>
      <span class="marks" role="group" aria-label={row.name}>
        {markStates.map((state) => (
          <button
            type="button"
            key={state}
            class={`key ${mark?.state === state ? 'on' : ''}`}
            data-act={`mark-${state}`}
            aria-pressed={mark?.state === state}
            onClick={() => set(state)}
          >
            {t(words[state])}
          </button>
        ))}
      </span>
      <input
        aria-label={`${t('desk.roll.remark')}: ${row.name}`}
        placeholder={t('desk.roll.remark')}
        maxLength={200}
        disabled={!mark}
        value={mark?.remark ?? ''}
        onChange={(e) => mark && set(mark.state, e.currentTarget.value.trim())}
      />
    </li>
  );
}
