// The controller's console: points on the left, pictures in the middle, the
// floor on the right.
import { t } from '../i18n/i18n';
import { Door, shutWords } from '../ui/Door';
import { Down } from '../ui/Down';
import { blocked, unblock, Voices } from '../ui/Voices';
import { Banner } from './Banner';
import { Buses } from './Buses';
import { Chosen } from './Chosen';
import type { Desk } from './desk';
import { Foot } from './Foot';
import { Guard } from './Guard';
import { Header } from './Header';
import { Incidents } from './Incidents';
import { LayoutKeys } from './LayoutKeys';
import { Messages } from './Messages';
import { Mics } from './Mics';
import { Minutes } from './Minutes';
import { Order } from './Order';
import { Panels } from './Panels';
import { Points } from './Points';
import { Queue } from './Queue';
import { Rotation } from './Rotation';
import { Takeovers } from './Takeovers';
import { Wall } from './Wall';

/** ConsoleScreen is the whole console. */
export function ConsoleScreen({ desk }: { desk: Desk }) {
  const { page } = desk;
  if (page.shut.value) return <Door words={shutWords(page.shut.value)} />;
  const meeting = page.state.meeting.value;
  if (!meeting) return <Door words={t(page.state.known.value ? 'idle.none' : 'wait.view')} />;
  if (meeting.status !== 'open') {
    return (
      <Door words={t('ended.title')}>
        <Minutes desk={desk} />
        <Notices desk={desk} />
      </Door>
    );
  }
  return (
    <main class="console" data-testid="console">
      <Header desk={desk} />
      <Points desk={desk} />
      <div class="mid">
        <Buses desk={desk} />
        <LayoutKeys desk={desk} />
        <Rotation desk={desk} />
        <Wall desk={desk} />
        <Incidents desk={desk} />
        <Banner desk={desk} />
      </div>
      <aside class="right" aria-label={t('con.queue')}>
        <Takeovers desk={desk} />
        <Chosen desk={desk} />
        <Queue desk={desk} />
        <Order desk={desk} />
        <Mics desk={desk} />
        <Messages desk={desk} />
      </aside>
      <Foot desk={desk} />
      <Down page={page}>
        <Guard act="island" done={() => void desk.goOn()}>
          {t('desk.island')}
        </Guard>
      </Down>
      <Notices desk={desk} />
      <Panels desk={desk} />
      <Voices streams={page.voices.value} muted={!desk.listening.value} />
    </main>
  );
}

function Notices({ desk }: { desk: Desk }) {
  const { page } = desk;
  return (
    <>
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
    </>
  );
}
