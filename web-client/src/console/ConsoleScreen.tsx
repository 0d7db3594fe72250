// The controller's console: points on the left, pictures in the middle, the
// floor on the right.
import { useEffect, useRef } from 'preact/hooks';
import { clock } from '../i18n/clock';
import { type Key, t } from '../i18n/i18n';
import { Door, shutWords } from '../ui/Door';
import { Down } from '../ui/Down';
import { Lamp } from '../ui/icons';
import { blocked, unblock, Voices } from '../ui/Voices';
import { Buses } from './Buses';
import { Chosen, Takeovers } from './Chosen';
import { LayoutKeys } from './Desktop';
import type { Desk } from './desk';
import { Header } from './Header';
import { Points } from './Points';
import { Mics, Queue } from './Queue';
import { Wall } from './Wall';

/** ConsoleScreen is the whole console. */
export function ConsoleScreen({ desk }: { desk: Desk }) {
  const { page } = desk;
  if (page.shut.value) return <Door words={shutWords(page.shut.value)} />;
  const meeting = page.state.meeting.value;
  if (!meeting) return <Door words={t(page.state.known.value ? 'idle.none' : 'wait.view')} />;
  if (meeting.status !== 'open') return <Door words={t('ended.title')} />;
  return (
    <main class="console" data-testid="console">
      <Header desk={desk} />
      <Points desk={desk} />
      <div class="mid">
        <Buses desk={desk} />
        <LayoutKeys desk={desk} />
        <Wall desk={desk} />
      </div>
      <aside class="right">
        <Takeovers desk={desk} />
        <Chosen desk={desk} />
        <Queue desk={desk} />
        <Mics desk={desk} />
      </aside>
      <Foot desk={desk} />
      <Down page={page} />
      {page.notice.value && (
        <p class="toast" role="alert" data-testid="notice">
          {page.notice.value}
        </p>
      )}
      {blocked.value && desk.listening.value && (
        <button type="button" class="key toast" data-testid="sound-blocked" onClick={unblock}>
          {t('sound.blocked')}
        </button>
      )}
      {desk.help.value && <Help desk={desk} />}
      <Voices streams={page.voices.value} muted={!desk.listening.value} />
    </main>
  );
}

function Foot({ desk }: { desk: Desk }) {
  const { page, lastAct } = desk;
  const bad =
    page.downSince.value > 0 ||
    page.socket.value === 'lost' ||
    page.media.value === 'lost' ||
    page.media.value === 'blocked';
  const port = page.state.welcome.value?.icePort ?? 0;
  return (
    <footer class="p foot">
      {page.state.welcome.value?.you.name && <b>{page.state.welcome.value.you.name}</b>}
      <span data-testid="link" data-state={bad ? 'lost' : 'good'}>
        <Lamp is={bad ? 'lost' : 'grant'} />
        {t('con.link')}:{' '}
        {page.media.value === 'blocked' ? t('lost.media', { port }) : t(bad ? 'link.lost' : 'link.good')}
      </span>
      {lastAct.value && (
        <span data-testid="last-act">
          {t('con.last')} <b>{lastAct.value.words}</b> <span class="num">{clock(lastAct.value.at)}</span>
        </span>
      )}
      <button
        type="button"
        class="key r"
        data-act="help"
        onClick={() => {
          desk.help.value = true;
        }}
      >
        <span class="cap">?</span> {t('con.keys')}
      </button>
    </footer>
  );
}

const keyboard: [string, Key][] = [
  ['0–9 ⏎', 'con.key.number'],
  ['⇧1–⇧6', 'con.key.layout'],
  ['← →', 'con.key.tiles'],
  ['↑ ↓', 'con.key.arrows'],
  ['Space', 'con.take'],
  ['Ctrl Z', 'con.undo'],
  ['F', 'con.give'],
  ['I', 'con.invite'],
  ['D · Del', 'con.deny'],
  ['M', 'con.cut'],
  ['⇧M', 'con.closeAll'],
  ['/', 'con.search'],
  ['W', 'con.worst'],
  ['Esc', 'con.key.leave'],
  ['⇧E', 'con.end'],
];

function Help({ desk }: { desk: Desk }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const close = () => {
    desk.help.value = false;
  };
  return (
    <dialog ref={dialog} class="help" data-testid="help" onClose={close} aria-label={t('con.keys')}>
      <dl>
        {keyboard.map(([cap, words]) => (
          <div key={cap}>
            <dt>
              <span class="cap">{cap}</span>
            </dt>
            <dd>{t(words)}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="key" onClick={close}>
        {t('dev.close')}
      </button>
    </dialog>
  );
}
