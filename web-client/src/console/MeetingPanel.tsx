// The meeting's own life: lobby, opening, lock, closing. What it cannot take
// back is hatched and held.
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import type { Commands } from '../wire';
import { Closing } from './Closing';
import type { Desk } from './desk';
import { Guard } from './Guard';
import { Minutes } from './Minutes';
import { Panel } from './Panel';

/** MeetingPanel holds the acts on the whole meeting. */
export function MeetingPanel({ desk }: { desk: Desk }) {
  const meeting = desk.page.state.meeting.value;
  if (!meeting) return null;
  const close = () => {
    desk.panel.value = '';
  };
  const { phase, locked } = meeting;
  const contentLocked = desk.page.state.floor.value?.contentLocked === true;
  const say = <T extends keyof Commands>(words: string, command: T, d: Commands[T]) =>
    void desk.acts.say(words, command, d);
  return (
    <Panel name="meeting" title={t('desk.meeting')} sub={t(`desk.phase.${phase}`)} close={close}>
      <div class="grid">
        <Key
          act="lobby"
          words={t('desk.meeting.open')}
          can={phase === 'waiting'}
          press={() => say(t('desk.meeting.open'), 'meeting.openLobby', {})}
        />
        <Key
          act="start"
          words={t('desk.meeting.start')}
          can={phase === 'waiting' || phase === 'lobby'}
          press={() => say(t('desk.meeting.start'), 'meeting.start', {})}
        />
        <Key
          act="lock"
          words={t(locked ? 'desk.meeting.unlock' : 'desk.meeting.lock')}
          press={() => say(t(locked ? 'desk.meeting.unlock' : 'desk.meeting.lock'), 'meeting.lock', { on: !locked })}
        />
        <Key
          act="content-lock"
          words={t(contentLocked ? 'desk.content.unlock' : 'desk.content.lock')}
          press={() => say(t('desk.content.lock'), 'content.lock', { on: !contentLocked })}
        />
        <Key
          act="closing"
          words={t('desk.meeting.close')}
          can={phase === 'open'}
          press={() => say(t('desk.meeting.close'), 'meeting.close', {})}
        />
        <Key act="roll" words={t('desk.roll')} press={() => desk.open('roll')} />
      </div>
      {locked && <p class="q">{t('desk.meeting.locked')}</p>}
      <Closing desk={desk} />
      <Guarded desk={desk} />
      <Minutes desk={desk} />
    </Panel>
  );
}

/** Release all, re-home, move the chair point. */
function Guarded({ desk }: { desk: Desk }) {
  const row = desk.floor.chosen.value && desk.row.value;
  const name = row ? `${number(row.number)} ${row.name}` : '…';
  const system = row?.system ?? '';
  const done = <T extends keyof Commands>(words: string, command: T, d: Commands[T]) => {
    desk.panel.value = '';
    void desk.acts.say(words, command, d);
  };
  return (
    <>
      <p class="q">
        {t('desk.meeting.guard')} {!row && t('desk.meeting.pick')}
      </p>
      <div class="grid">
        <Guard act="release-all" done={() => done(t('desk.meeting.release'), 'meeting.release', {})}>
          {t('desk.meeting.release')} <span class="cap">{t('desk.held')}</span>
        </Guard>
        <Guard
          act="move-chair"
          can={!!row && !row.chair}
          done={() => row && done(t('desk.meeting.moveChair', { point: name }), 'meeting.moveChair', { point: row.id })}
        >
          {t('desk.meeting.moveChair', { point: name })} <span class="cap">{t('desk.held')}</span>
        </Guard>
        <Guard
          act="rehome"
          can={!!row && system !== ''}
          done={() =>
            row && done(t('desk.meeting.rehome', { system, point: name }), 'meeting.rehome', { system, point: row.id })
          }
        >
          {t('desk.meeting.rehome', { system: system || '…', point: name })} <span class="cap">{t('desk.held')}</span>
        </Guard>
        <Guard
          act="end-here"
          done={() => {
            desk.panel.value = '';
            desk.end();
          }}
        >
          {t('con.end')} <span class="cap">{t('desk.held')}</span>
        </Guard>
      </div>
    </>
  );
}

interface KeyProps {
  act: string;
  words: string;
  can?: boolean;
  press: () => void;
}

function Key({ act, words, can = true, press }: KeyProps) {
  return (
    <button type="button" class="key" data-act={`meeting-${act}`} disabled={!can} onClick={press}>
      {words}
    </button>
  );
}
