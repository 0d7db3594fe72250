// The focal officer's telephone: three words on top, one task a page, one
// large key at the thumb.
import { hour } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { Door, LangSwitch, shutWords } from '../ui/Door';
import { Down } from '../ui/Down';
import { Icon, type IconName } from '../ui/icons';
import { type Focal, type Tab, tabs } from './focal';
import { Incident } from './Incident';
import { Messages } from './Messages';
import { Phones } from './Phones';
import { Sheet } from './Sheet';
import { Speak } from './Speak';

/** FocalScreen is the whole page. */
export function FocalScreen({ focal }: { focal: Focal }) {
  const { page } = focal;
  if (page.shut.value) return <Door words={shutWords(page.shut.value)} />;
  const you = page.state.welcome.value?.you;
  return (
    <div class="phone" data-testid="focal" data-tab={focal.tab.value}>
      <header>
        <h1>{page.state.own.value?.name || you?.name}</h1>
        <LangSwitch />
        <b class="num">{hour(page.now.value)}</b>
      </header>
      <section aria-label={t('tile.self')}>
        <Words focal={focal} />
      </section>
      <Down page={page} />
      <main>
        <Task focal={focal} />
      </main>
      {page.notice.value && (
        <p class="told" role="status" data-testid="notice">
          {page.notice.value}
        </p>
      )}
      <Keys focal={focal} />
    </div>
  );
}

function Task({ focal }: { focal: Focal }) {
  switch (focal.tab.value) {
    case 'check':
      return <Sheet focal={focal} />;
    case 'speak':
      return <Speak focal={focal} />;
    case 'messages':
      return <Messages focal={focal} />;
    case 'incident':
      return <Incident focal={focal} />;
    case 'phones':
      return <Phones focal={focal} />;
  }
}

/** The three words: microphone, line, picture. They are the room's, not the telephone's. */
function Words({ focal }: { focal: Focal }) {
  const own = focal.page.state.own.value;
  const here = own?.presence === 'present';
  const mic = own?.mic === 'on' ? 'on' : own?.mic === 'off' || !own ? 'off' : asked(own.mic);
  return (
    <ul class="words" data-testid="words">
      <Word icon={mic === 'on' ? 'mic' : 'mic-off'} words={t(`foc.mic.${mic}`)} state={mic} />
      <Word icon={here ? 'line' : 'lost'} words={t(here ? 'link.good' : 'link.lost')} state={here ? 'good' : 'lost'} />
      <Word
        icon="cam"
        words={t(here && !own?.cameraOff ? 'foc.picture' : 'foc.picture.none')}
        state={here && !own?.cameraOff ? 'good' : 'lost'}
      />
    </ul>
  );
}

function asked(mic: string): 'asked' | 'invited' {
  return mic === 'asked' || mic === 'accepted' ? 'asked' : 'invited';
}

function Word({ icon, words, state }: { icon: IconName; words: string; state: string }) {
  return (
    <li data-state={state}>
      <Icon name={icon} />
      {words}
    </li>
  );
}

const icons: Record<Tab, IconName> = {
  check: 'ok',
  speak: 'hand',
  messages: 'message',
  incident: 'alert',
  phones: 'phone',
};

function Keys({ focal }: { focal: Focal }) {
  const counts: Partial<Record<Tab, number>> = {
    messages: focal.unread.value,
    incident: focal.running.value ? 1 : 0,
  };
  return (
    <nav class="tabs">
      {tabs.map((tab) => (
        <button
          type="button"
          key={tab}
          data-act={`tab-${tab}`}
          aria-current={focal.tab.value === tab ? 'page' : undefined}
          onClick={() => {
            focal.tab.value = tab;
          }}
        >
          <Icon name={icons[tab]} />
          <span>{t(`foc.${tab}`)}</span>
          {counts[tab] ? <b class="num badge">{counts[tab]}</b> : null}
        </button>
      ))}
    </nav>
  );
}
