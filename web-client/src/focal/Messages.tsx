// The line to the controllers: what was said, four ready-made answers, a field.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { hour } from '../i18n/clock';
import { type Key, t } from '../i18n/i18n';
import type { MessageView } from '../wire';
import type { Focal } from './focal';

const ready = ['foc.say.clear', 'foc.say.checking', 'foc.say.call', 'foc.say.power'] as const satisfies Key[];

/** Messages is the conversation, newest at the thumb. */
export function Messages({ focal }: { focal: Focal }) {
  const messages = focal.page.state.messages.value;
  const list = messages?.list ?? [];
  const end = useRef<HTMLLIElement>(null);
  const text = useSignal('');
  useEffect(() => end.current?.scrollIntoView?.(), [list.length]);
  const send = async () => {
    if (text.value.trim() && (await focal.say(text.value.trim()))) text.value = '';
  };
  return (
    <>
      <h2>{t('foc.messages')}</h2>
      <ul class="talk" aria-live="polite">
        {list.length === 0 && <li class="none">{t('foc.none')}</li>}
        {list.map((m) => (
          <Message key={m.id} m={m} read={m.id <= (messages?.desk ?? 0)} />
        ))}
        <li ref={end} />
      </ul>
      <div class="ready">
        {ready.map((key) => (
          <button type="button" key={key} data-act={key} onClick={() => void focal.say(t(key))}>
            {t(key)}
          </button>
        ))}
      </div>
      <form
        class="write"
        onSubmit={(e) => {
          e.preventDefault();
          void send();
        }}
      >
        <input
          maxLength={400}
          value={text.value}
          placeholder={t('foc.write')}
          aria-label={t('foc.write')}
          data-testid="text"
          onInput={(e) => {
            text.value = e.currentTarget.value;
          }}
        />
        <button type="submit" data-act="send">
          {t('foc.send')}
        </button>
      </form>
    </>
  );
}

function Message({ m, read }: { m: MessageView; read: boolean }) {
  return (
    <li class={m.from ? 'mine' : 'theirs'}>
      <small>
        {m.from ? t(read ? 'foc.read' : 'foc.sent') : m.name || t('before.support')}
        <span class="num">{hour(m.atMs)}</span>
      </small>
      {m.text}
    </li>
  );
}
