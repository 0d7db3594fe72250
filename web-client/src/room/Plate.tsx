// The microphone plate: the one voice of the room's screen, read from five
// metres. Shape, word and colour always come together.
import type { ComponentChildren } from 'preact';
import { span } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { Icon, type IconName } from '../ui/icons';
import type { Room } from './room';

/** Plate shows the microphone's state; a press on it is the remote's OK. */
export function Plate({ room }: { room: Room }) {
  const plate = room.plate.value;
  return (
    <button
      type="button"
      class={`mic ${looks[plate].tally}`}
      tabIndex={-1}
      data-testid="mic-plate"
      data-state={plate}
      data-passing={room.passing.value}
      aria-live="assertive"
      onClick={() => room.press('ok')}
    >
      <Icon name={looks[plate].icon} />
      <Words room={room} />
    </button>
  );
}

const looks: Record<Room['plate']['value'], { tally: string; icon: IconName }> = {
  off: { tally: 'is-closed', icon: 'mic-off' },
  asked: { tally: 'is-ask', icon: 'hand' },
  invited: { tally: 'is-grant', icon: 'mic' },
  back: { tally: 'is-grant', icon: 'mic' },
  opening: { tally: 'turning', icon: 'mic' },
  on: { tally: 'is-air', icon: 'air' },
};

function Words({ room }: { room: Room }) {
  const own = room.page.state.own.value;
  const left = room.left.value;
  if (left.kind === 'count') return <Count seconds={left.seconds} />;
  switch (room.plate.value) {
    case 'asked':
      return (
        <>
          <span>{t('mic.asked')}</span>
          {own?.place ? <em>{t('mic.place', { n: own.place })}</em> : null}
        </>
      );
    case 'invited':
    case 'back': {
      const words = room.plate.value === 'invited' ? ('mic.invited' as const) : ('mic.back' as const);
      return (
        <>
          <span>{t(words)}</span>
          <small>{withOK(t(`${words}.do`))}</small>
        </>
      );
    }
    case 'opening':
      return <span>{t('mic.opening')}</span>;
    case 'on':
      return (
        <>
          <span>{t('mic.on')}</span>
          <Meter room={room} />
          {left.kind === 'none' ? (
            <span class="num">{span(room.page.now.value - (own?.sinceMs ?? room.page.now.value))}</span>
          ) : (
            <em>{left.kind === 'warn' ? t('mic.left', { n: left.seconds }) : t('mic.timeup')}</em>
          )}
        </>
      );
    default:
      return <Off passing={room.passing.value} />;
  }
}

/** Count is the end of a turn whose microphone closes by itself. */
function Count({ seconds }: { seconds: number }) {
  return (
    <>
      <span>{t('mic.count.a')}</span>
      <b class="count num">{seconds}</b>
      <span>{t('mic.count.b')}</span>
    </>
  );
}

function Off({ passing }: { passing: string }) {
  if (passing === 'over') return <span>{t('mic.over')}</span>;
  return (
    <>
      <span>{t('mic.off')}</span>
      {passing === 'denied' && <small class="denied">{t('mic.denied')}</small>}
    </>
  );
}

/** withOK puts a key cap where the sentence has {ok}. */
function withOK(words: string): ComponentChildren {
  const [before, after] = words.split('{ok}');
  return (
    <>
      {before}
      <span class="ok">{t('mic.ok')}</span>
      {after}
    </>
  );
}

/** Meter shows that the room is heard by its own microphone. */
export function Meter({ room }: { room: Room }) {
  return <MeterBars bars={room.level.bars.value} />;
}

/** MeterBars is a level in five bars. */
export function MeterBars({ bars }: { bars: number }) {
  return (
    <span class="meter" aria-hidden="true">
      {[30, 42, 54, 54, 54].map((height, i) => (
        <i key={i} class={i < bars ? '' : 'q'} style={{ height: `${height}px` }} />
      ))}
    </span>
  );
}
