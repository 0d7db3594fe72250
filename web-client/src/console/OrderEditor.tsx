// The speaking order is pasted and edited as text; what does not read says so
// under the field, by its line.
import { useComputed, useSignal } from '@preact/signals';
import { t } from '../i18n/i18n';
import type { Desk } from './desk';
import { Panel } from './Panel';
import { type Parsed, read, write } from './programme';

/** OrderEditor replaces the speaking order. */
export function OrderEditor({ desk }: { desk: Desk }) {
  const { state } = desk.page;
  const before = state.programme.peek()?.entries ?? [];
  const text = useSignal(write(before, (id) => state.row(id).peek()?.number));
  const parsed = useComputed(() => read(text.value, state.all(), state.programme.value?.entries ?? []));
  const close = () => {
    desk.panel.value = '';
  };
  const save = async () => {
    const now = parsed.value;
    if (!('entries' in now)) return;
    if (await desk.acts.say(t('desk.order'), 'programme.set', { entries: now.entries })) close();
  };
  const good = 'entries' in parsed.value;
  return (
    <Panel name="order-editor" title={t('desk.order')} close={close}>
      <p class="q" id="order-help">
        {t('desk.order.help')}
      </p>
      <textarea
        ref={(field: HTMLTextAreaElement | null) => field?.focus()}
        data-field="order"
        rows={16}
        spellcheck={false}
        aria-label={t('desk.order')}
        aria-describedby="order-help order-said"
        aria-invalid={!good}
        value={text.value}
        onInput={(e) => {
          text.value = e.currentTarget.value;
        }}
      />
      <div class="line">
        <span id="order-said" class={good ? 'q' : 'w is-ask'} role="status" data-testid="order-said">
          {saidOf(parsed.value)}
        </span>
        <button type="button" class="key r" data-act="save-order" disabled={!good} onClick={() => void save()}>
          {t('desk.save')}
        </button>
      </div>
    </Panel>
  );
}

function saidOf(parsed: Parsed): string {
  if ('entries' in parsed) return t('desk.order.count', { n: parsed.entries.length });
  if (parsed.why === 'minutes') return t('desk.order.badMinutes', { line: parsed.line });
  return t('desk.order.bad', { line: parsed.line, what: parsed.what });
}
