// The foot of the desk: who is in control, the link, the last act, the keys.
import { clock } from '../i18n/clock';
import { type Key, t } from '../i18n/i18n';
import { Lamp } from '../ui/icons';
import type { Desk } from './desk';

const hints: [string, Key][] = [
  ['0–9 ⏎', 'con.preview'],
  ['⇧1–9', 'layout.label'],
  ['Space', 'con.take'],
  ['G', 'desk.order.next'],
  ['F', 'con.give'],
  ['M', 'con.cut'],
];

/** Foot is the lowest line. */
export function Foot({ desk }: { desk: Desk }) {
  const last = desk.acts.last.value;
  return (
    <footer class="p foot">
      <Control desk={desk} />
      <LinkMark desk={desk} />
      {last && (
        <span data-testid="last-act">
          {t('con.last')} <b>{last.words}</b> <span class="num">{clock(last.at)}</span>
        </span>
      )}
      <span class="hints r" aria-hidden="true">
        {hints.map(([cap, words]) => (
          <span key={cap}>
            <span class="cap">{cap}</span> {t(words).toLowerCase()}
          </span>
        ))}
      </span>
      <button type="button" class="key" data-act="links" onClick={() => desk.open('links')}>
        <span class="cap">Q</span> {t('desk.links')}
      </button>
      <button type="button" class="key" data-act="help" onClick={() => desk.open('help')}>
        <span class="cap">?</span> {t('con.keys')}
      </button>
    </footer>
  );
}

/** Who holds the control, who else is here, and the key that takes it. */
function Control({ desk }: { desk: Desk }) {
  const { state } = desk.page;
  const control = state.control.value;
  const me = state.welcome.value?.you.name;
  if (!control) return me ? <b>{me}</b> : null;
  const others = (control.present ?? []).filter((name) => name !== control.holder);
  return (
    <span data-testid="control" data-mine={control.mine ? '' : undefined}>
      {control.mine ? (
        <>
          {me && <b>{me}</b>} {t('desk.control.mine')}
        </>
      ) : control.held ? (
        <span>{t('desk.control.of', { name: control.holder || t('desk.messages.desk') })}</span>
      ) : (
        <span>{t('desk.control.free')}</span>
      )}
      {others.length > 0 && <span>{t('desk.control.also', { names: others.join(', ') })}</span>}
      {!control.mine && (
        <button type="button" class="key" data-act="take-control" onClick={() => desk.takeControl()}>
          {t('desk.control.take')} <span class="cap">⇧T</span>
        </button>
      )}
    </span>
  );
}

function LinkMark({ desk }: { desk: Desk }) {
  const { page } = desk;
  const bad =
    page.downSince.value > 0 ||
    page.socket.value === 'lost' ||
    page.media.value === 'lost' ||
    page.media.value === 'blocked';
  const port = page.state.welcome.value?.icePort ?? 0;
  return (
    <span data-testid="link" data-state={bad ? 'lost' : 'good'}>
      <Lamp is={bad ? 'lost' : 'grant'} />
      {t('con.link')}: {page.media.value === 'blocked' ? t('lost.media', { port }) : t(bad ? 'link.lost' : 'link.good')}
    </span>
  );
}
