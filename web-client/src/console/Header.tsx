// The console's top line: the meeting, the mode of the floor, counters, clock.
import { useComputed } from '@preact/signals';
import { clock, hour } from '../i18n/clock';
import { t } from '../i18n/i18n';
import type { Lamp as LampName } from '../state/worst';
import { LangSwitch } from '../ui/Door';
import { Icon, Lamp } from '../ui/icons';
import { modes } from '../wire';
import { countsOf } from './counts';
import type { Desk, Filter } from './desk';

/** Header shows what meeting this is and how it stands. */
export function Header({ desk }: { desk: Desk }) {
  const { state, now } = desk.page;
  const meeting = state.meeting.value;
  return (
    <header class="p top">
      <div class="title">
        <h1>{meeting?.title}</h1>
        {meeting && <p>{t('con.host', { unit: meeting.hostUnit, time: hour(meeting.startsAtMs) })}</p>}
      </div>
      <ModeKeys desk={desk} />
      <button type="button" class="key" data-act="meeting" onClick={() => desk.open('meeting')}>
        {t('desk.meeting')}
        {meeting && <small>{t(`desk.phase.${meeting.phase}`)}</small>}
      </button>
      <Counts desk={desk} />
      <button
        type="button"
        class="key"
        data-act="listen"
        data-state={desk.listening.value ? 'on' : 'off'}
        aria-pressed={desk.listening.value}
        title={t('con.listen')}
        onClick={() => {
          desk.listening.value = !desk.listening.value;
        }}
      >
        <Icon name={desk.listening.value ? 'spk' : 'spk-off'} />
        {t(desk.listening.value ? 'con.listen.on' : 'con.listen.off')}
      </button>
      <LangSwitch />
      <div class="clock">
        <b data-testid="clock">{clock(now.value)}</b>
        <span>{t('con.clock')}</span>
      </div>
    </header>
  );
}

function ModeKeys({ desk }: { desk: Desk }) {
  const mode = desk.page.state.floor.value?.mode;
  return (
    <div class="mode" role="radiogroup" aria-label={t('mode.label')}>
      {modes.map((m) => (
        <button
          type="button"
          key={m}
          role="radio"
          aria-checked={m === mode}
          class={`key ${m === mode ? 'on' : ''}`}
          data-act={`mode-${m}`}
          onClick={() => desk.floor.mode(m)}
        >
          {t(`mode.${m}`)}
        </button>
      ))}
    </div>
  );
}

function Counts({ desk }: { desk: Desk }) {
  const counts = useComputed(() => countsOf(desk));
  const { all, connected, problem, ask, air, weak, off } = counts.value;
  const only = (filter: Filter) => () => {
    desk.only.value = desk.only.value === filter ? 'all' : filter;
  };
  return (
    <div class="counts" data-testid="counts">
      <div data-count="connected">
        <b>
          {connected}
          <i>/{all}</i>
        </b>
        <span>{t('con.connected')}</span>
      </div>
      <Count is="lost" n={problem} words={t('desk.problem')} press={only('problem')} />
      <Count is="ask" n={ask} words={t('con.asking')} press={only('ask')} />
      <Count is="air" n={air} words={t('con.micsOn')} press={only('air')} />
      <Count is="weak" n={weak} words={t('desk.weak')} press={only('weak')} />
      <Count is="off" n={off} words={t('con.absent')} press={only('off')} />
    </div>
  );
}

interface CountProps {
  is: LampName;
  n: number;
  words: string;
  press: () => void;
}

function Count({ is, n, words, press }: CountProps) {
  return (
    <button type="button" tabIndex={-1} data-count={is} data-zero={n === 0 ? '' : undefined} onClick={press}>
      <b>{n}</b>
      <Lamp is={is} />
      <span>{words}</span>
    </button>
  );
}
