// The chair's keys. Each names what it acts on.
import { t } from '../i18n/i18n';
import { Icon, type IconName } from '../ui/icons';
import type { Tablet } from './tablet';

/** Keys are always in the same place. */
export function Keys({ tablet }: { tablet: Tablet }) {
  const next = tablet.next.value;
  const nextRow = next ? tablet.row(next.point) : undefined;
  const now = tablet.speaking.value;
  const nextName = nextRow ? [nextRow.name, nextRow.parent].filter(Boolean).join(', ') : t('ch.none');
  return (
    <nav class="keys">
      <Key
        act="grant"
        look="go"
        icon="mic"
        words={t('ch.inviteNext')}
        sub={nextName}
        can={!!next}
        press={() => tablet.inviteNext()}
      />
      <Key
        act="search"
        icon="search"
        words={t('ch.inviteOther')}
        sub={t('ch.inviteOther.sub')}
        press={() => {
          tablet.searching.value = true;
        }}
      />
      <Key
        act="revoke"
        look="end"
        icon="stop"
        words={t('ch.finish')}
        sub={(now && tablet.row(now.point)?.name) ?? t('ch.finish.none')}
        can={!!now}
        press={() => tablet.finish()}
      />
      <OwnKey tablet={tablet} />
      <Key
        act="defer"
        icon="clock"
        words={t('ch.defer')}
        sub={nextRow?.name ?? t('ch.none')}
        can={!!next}
        press={() => tablet.defer()}
      />
      <Key
        act="closeAll"
        icon="mic-off"
        words={t('con.closeAll')}
        sub={t('ch.closeAll.sub')}
        press={() => tablet.closeAll()}
      />
      <Key
        act="technician"
        icon="phone"
        words={t('ch.technician')}
        sub={t(tablet.called.value ? 'ch.technician.done' : 'ch.technician.sub')}
        can={!tablet.called.value}
        press={() => void tablet.callTechnician()}
      />
    </nav>
  );
}

/** The chair point's own microphone; after a restart it is off, and the key says so. */
function OwnKey({ tablet }: { tablet: Tablet }) {
  const own = tablet.own.value;
  const press = () => tablet.flip();
  if (own?.presence !== 'present') {
    return (
      <Key
        act="mic-on"
        look="own"
        icon="mic-off"
        words={t('ch.mic.on')}
        sub={t('ch.mic.absent')}
        can={false}
        press={press}
      />
    );
  }
  if (tablet.micOn.value) {
    return (
      <Key act="mic-off" look="own on" icon="mic" words={t('ch.mic.off')} sub={t('ch.mic.off.sub')} press={press} />
    );
  }
  if (own.mic === 'back')
    return <Key act="mic-on" look="own boot" icon="mic-off" words={t('ch.mic.boot')} sub="" press={press} />;
  return <Key act="mic-on" look="own" icon="mic-off" words={t('ch.mic.on')} sub={t('ch.mic.on.sub')} press={press} />;
}

interface KeyProps {
  act: string;
  look?: string;
  icon: IconName;
  words: string;
  sub: string;
  can?: boolean;
  press: () => void;
}

function Key({ act, look = '', icon, words, sub, can = true, press }: KeyProps) {
  return (
    <button type="button" class={`key ${look}`} data-act={act} disabled={!can} onClick={press}>
      <Icon name={icon} />
      <span>
        {words}
        {sub && <small>{sub}</small>}
      </span>
    </button>
  );
}
