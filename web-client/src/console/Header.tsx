// The console's top line: the meeting, the mode of the floor, counters, clock.
import { clock, hour } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { type Lamp as LampName, lamp } from '../state/worst';
import { LangSwitch } from '../ui/Door';
import { Icon, Lamp } from '../ui/icons';
import { modes } from '../wire';
import type { Desk } from './desk';

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
          onClick={() => desk.mode(m)}
        >
          {t(`mode.${m}`)}
        </button>
      ))}
    </div>
  );
}

function Counts({ desk }: { desk: Desk }) {
  const rows = desk.page.state.all();
  const count = (is: LampName) => rows.filter((row) => lamp(row) === is).length;
  const connected = rows.filter((row) => row.presence === 'present').length;
  return (
    <div class="counts" data-testid="counts">
      <div data-count="connected">
        <b>
          {connected}
          <i>/{rows.length}</i>
        </b>
        <span>{t('con.connected')}</span>
      </div>
      <Count is="lost" n={count('lost')} words={t('con.lost')} />
      <Count is="ask" n={desk.waiting.value.length} words={t('con.asking')} />
      <Count is="air" n={count('air')} words={t('con.micsOn')} />
      <Count is="off" n={count('off')} words={t('con.absent')} />
    </div>
  );
}

function Count({ is, n, words }: { is: LampName; n: number; words: string }) {
  return (
    <div data-count={is} data-zero={n === 0 ? '' : undefined}>
      <b>{n}</b>
      <Lamp is={is} />
      <span>{words}</span>
    </div>
  );
}
