// After the meeting: close the room in order, and say that its devices still work.
import { clock } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { Icon } from '../ui/icons';
import { person } from './person';
import type { Room } from './room';

/** After is the closing check (Art 9.2.e): what is done has a tick, the line to answer is lit. */
export function After({ room }: { room: Room }) {
  const { meeting, own } = room.page.state;
  const m = meeting.value;
  const ended = m?.status === 'ended';
  const released = ended || own.value?.mayLeave === true;
  const finished = own.value?.finished === true;
  const asks = !finished && !ended;
  return (
    <>
      <div class="due" data-testid="after">
        <h1>{t(ended ? 'after.title' : 'after.closing')}</h1>
        <p>{t('after.order')}</p>
        {ended && m?.startedAtMs && m.endedAtMs ? (
          <p class="num">{t('after.times', { from: clock(m.startedAtMs), to: clock(m.endedAtMs) })}</p>
        ) : null}
      </div>
      <ol class="closing">
        <Step n={1} words={t('after.mic')} sub={t('after.mic.sub')} done={room.plate.value !== 'on'} />
        <Step n={2} words={t('after.release')} sub={released ? '' : t('after.release.wait')} done={released} />
        <Step
          n={3}
          words={t('after.devices')}
          sub={finished ? '' : t('after.devices.sub')}
          done={finished}
          press={asks ? () => room.finish() : undefined}
        />
        <Step n={4} words={t('after.off')} sub="" done={false} />
        <Step n={5} words={t('after.power')} sub="" done={false} />
      </ol>
      {own.value?.support && <footer class="people">{t('after.broken', { who: person(own.value.support) })}</footer>}
    </>
  );
}

interface StepProps {
  n: number;
  words: string;
  sub: string;
  done: boolean;
  press?: () => void;
}

function Step({ n, words, sub, done, press }: StepProps) {
  return (
    <li class={press ? 'lit' : ''} data-done={done ? '' : undefined}>
      <span class="num">{n}</span>
      <b>
        {words}
        {sub && <small>{sub}</small>}
      </b>
      {done && <Icon name="ok" />}
      {press && (
        <button type="button" class="ok" data-act="finish" tabIndex={-1} onClick={press}>
          {t('mic.ok')}
        </button>
      )}
    </li>
  );
}
