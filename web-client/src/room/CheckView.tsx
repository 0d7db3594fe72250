// The point check as the room sees it: one line for each part, the lit one
// says what to do.
import { clock } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { Icon, type IconName } from '../ui/icons';
import type { Verdict } from '../wire';
import { Meter } from './Plate';
import { type Part, parts } from './pointcheck';
import type { Room } from './room';

const icons: Record<Part, IconName> = {
  camera: 'cam',
  microphone: 'mic',
  speaker: 'spk',
  echo: 'echo',
  line: 'line',
  power: 'power',
};

/** CheckView is the readiness list beside the room's own picture. */
export function CheckView({ room }: { room: Room }) {
  const { check } = room;
  const checked = room.page.state.own.value?.checked;
  const at = check.at.value;
  const found = at ? check.result.value : checked?.check;
  return (
    <div class="checks" data-testid="checks" data-at={at}>
      <ol>
        {parts.map((part) => (
          <li key={part} class={part === at ? 'lit' : ''} data-part={part} data-verdict={found?.[part] ?? ''}>
            <Icon name={icons[part]} />
            <b>{t(`check.${part}`)}</b>
            {part === at ? <em>{t('check.running')}</em> : <Found verdict={found?.[part]} />}
          </li>
        ))}
      </ol>
      {at ? <Doing room={room} part={at} /> : <Start room={room} />}
    </div>
  );
}

/** Found is a verdict as a word and a sign. */
export function Found({ verdict }: { verdict: Verdict | undefined }) {
  if (!verdict) return <span class="none">{t('check.waiting')}</span>;
  return (
    <span class={`verdict ${verdict}`}>
      {t(`check.${verdict}`)} <Icon name={verdict === 'good' ? 'ok' : 'alert'} />
    </span>
  );
}

function Doing({ room, part }: { room: Room; part: Part }) {
  return (
    <div class="doing" role="status">
      <p>
        {t(`check.${part}.do`)} {part === 'microphone' && <Meter room={room} />}
      </p>
      {room.check.asks.value && (
        <p class="ways">
          <button type="button" class="act focus" data-act="yes" tabIndex={-1} onClick={() => room.check.reply(true)}>
            {t('check.yes')} <span class="ok">{t('mic.ok')}</span>
          </button>
          <button type="button" class="act" data-act="no" tabIndex={-1} onClick={() => room.check.reply(false)}>
            {t('check.no')}
          </button>
        </p>
      )}
    </div>
  );
}

function Start({ room }: { room: Room }) {
  const own = room.page.state.own.value;
  const checked = own?.checked;
  const c = checked?.check;
  if (!own) return null;
  return (
    <div class="doing">
      {checked && (
        <p>
          {t('check.signed', { time: clock(checked.atMs) })}
          {c?.upKbps ? (
            <small class="num">
              {t('check.figures', { up: c.upKbps, down: c.downKbps ?? 0, delay: c.delayMs ?? 0 })}
            </small>
          ) : null}
        </p>
      )}
      <button type="button" class="act focus" data-act="check" tabIndex={-1} onClick={() => room.startCheck()}>
        {t(checked ? 'check.again' : 'check.start')} <span class="ok">{t('mic.ok')}</span>
      </button>
    </div>
  );
}
