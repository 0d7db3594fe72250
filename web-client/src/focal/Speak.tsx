// Asking to speak for the room, with who will speak on what.
import { useSignal } from '@preact/signals';
import { t } from '../i18n/i18n';
import { Icon } from '../ui/icons';
import type { Focal } from './focal';

/** Speak asks, or withdraws. It opens no microphone: that is the room's OK. */
export function Speak({ focal }: { focal: Focal }) {
  const { page } = focal;
  const own = page.state.own.value;
  const delegate = useSignal('');
  const subject = useSignal('');
  const mic = own?.mic ?? 'off';
  if (mic === 'asked' || mic === 'accepted') return <Waiting focal={focal} />;
  if (mic !== 'off') return <h2>{t(mic === 'on' ? 'foc.mic.on' : 'foc.mic.invited')}</h2>;
  const open = own?.mayAsk === true && own.presence === 'present';
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        if (open) void focal.ask(delegate.value.trim(), subject.value.trim());
      }}
    >
      <h2>{t('act.ask')}</h2>
      <label>
        {t('foc.delegate')} <small>{t('foc.optional')}</small>
        <input
          maxLength={100}
          value={delegate.value}
          data-testid="delegate"
          onInput={(e) => {
            delegate.value = e.currentTarget.value;
          }}
        />
      </label>
      <label>
        {t('foc.subject')} <small>{t('foc.optional')}</small>
        <textarea
          maxLength={150}
          rows={3}
          value={subject.value}
          data-testid="subject"
          onInput={(e) => {
            subject.value = e.currentTarget.value.replace(/\n/g, ' ');
          }}
        />
      </label>
      <p>{t(open ? 'foc.ask.hint' : 'foc.shut')}</p>
      <button type="submit" class="big" data-act="ask" aria-disabled={!open}>
        <Icon name="hand" />
        {t('act.ask')}
      </button>
    </form>
  );
}

function Waiting({ focal }: { focal: Focal }) {
  const own = focal.page.state.own.value;
  return (
    <>
      <h2 class="asked">
        <Icon name="hand" />
        {t('foc.mic.asked')} {own?.place ? t('mic.place', { n: own.place }) : ''}
      </h2>
      {own?.delegate && <p>{own.delegate}</p>}
      {own?.subject && <p>{own.subject}</p>}
      <button
        type="button"
        class="big quiet"
        data-act="withdraw"
        onClick={() => void focal.page.act('floor.cancel', { floor: 'speech' })}
      >
        {t('act.withdraw')}
      </button>
    </>
  );
}
