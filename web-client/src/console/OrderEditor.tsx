// The speaking order is pasted, taken from a file and edited as text. What it
// says is shown beside it before it is saved, and each line that does not read.
import { useComputed, useSignal } from '@preact/signals';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { FileKey } from '../ui/FileKey';
import type { Desk } from './desk';
import { Panel } from './Panel';
import { bounds, type Fault, type Parsed, read, write } from './programme';

/** OrderEditor replaces the speaking order. */
export function OrderEditor({ desk }: { desk: Desk }) {
  const { state } = desk.page;
  const before = state.programme.peek()?.entries ?? [];
  const text = useSignal(write(before, (id) => state.row(id).peek()?.number));
  const parsed = useComputed(() => read(text.value, state.all(), state.programme.value?.entries ?? []));
  const good = useComputed(() => parsed.value.faults.length === 0);
  const close = () => {
    desk.panel.value = '';
  };
  const save = async () => {
    if (!good.value) return;
    if (await desk.acts.say(t('desk.order'), 'programme.set', { entries: parsed.value.entries })) close();
  };
  const load = async (file: File) => {
    text.value = await file.text();
  };
  return (
    <Panel name="order-editor" title={t('desk.order')} close={close} wide>
      <p class="q" id="order-help">
        {t('desk.order.help')}
      </p>
      <div class="order-paste">
        <textarea
          autofocus
          data-field="order"
          rows={16}
          spellcheck={false}
          aria-label={t('desk.order')}
          aria-describedby="order-help order-said"
          aria-invalid={!good.value}
          value={text.value}
          onInput={(e) => {
            text.value = e.currentTarget.value;
          }}
        />
        <Preview desk={desk} parsed={parsed.value} />
      </div>
      <div class="line">
        <FileKey
          words={t('desk.order.file')}
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          field="order-file"
          take={(file) => void load(file)}
        />
        <span id="order-said" class={good.value ? 'q' : 'w is-ask'} role="status" data-testid="order-said">
          {saidOf(parsed.value)}
        </span>
        <button type="button" class="key r" data-act="save-order" disabled={!good.value} onClick={() => void save()}>
          {t('desk.save')}
        </button>
      </div>
    </Panel>
  );
}

/** What the text says: what does not read, then the turns in their order. */
function Preview({ desk, parsed }: { desk: Desk; parsed: Parsed }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must scroll it
    <section class="order-preview" data-testid="order-preview" aria-label={t('desk.order.preview')} tabIndex={0}>
      {parsed.faults.length > 0 && (
        <ul>
          {parsed.faults.map((fault) => (
            <li key={fault.line} class="w is-ask" data-testid="order-fault">
              {faultWords(fault)}
            </li>
          ))}
        </ul>
      )}
      <ol>
        {parsed.entries.map((entry, i) => {
          const row = desk.page.state.row(entry.point).value;
          return (
            <li key={i}>
              <b>
                <span class="num">{row ? number(row.number) : entry.point}</span> {row?.name}
              </b>{' '}
              {[entry.delegate, entry.subject].filter(Boolean).join(' · ')}
              {entry.minutes && <small> {t('desk.limit.minutes', { n: entry.minutes })}</small>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function saidOf({ entries, faults }: Parsed): string {
  const [first] = faults;
  if (!first) return t('desk.order.count', { n: entries.length });
  return faults.length === 1 ? faultWords(first) : t('desk.order.faults', { n: faults.length });
}

function faultWords({ why, line, what }: Fault): string {
  switch (why) {
    case 'minutes':
      return t('desk.order.badMinutes', { line });
    case 'long':
      return t('desk.order.long', { line, what, max: bounds.text });
    case 'many':
      return t('desk.order.many', { line, max: bounds.entries });
    default:
      return t('desk.order.bad', { line, what });
  }
}
