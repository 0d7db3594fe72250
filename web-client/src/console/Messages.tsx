// The line between controllers and officers: canned or written, to one point,
// to a group, to all. It is never shown on a TV.
import { useComputed, useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { clock } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { isOut } from '../state/worst';
import type { MessagesView, MessageView } from '../wire';
import type { Desk } from './desk';

const canned = ['desk.say.noted', 'desk.say.call', 'desk.say.louder', 'desk.say.power', 'desk.say.eta'] as const;

/** Messages is the lowest panel of the right column. */
export function Messages({ desk }: { desk: Desk }) {
  const view = desk.page.state.messages.value;
  const list = view?.list ?? [];
  const last = list[list.length - 1]?.id ?? 0;
  const unread = list.filter((m) => m.from && m.id > (view?.upTo ?? 0)).length;
  const end = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    end.current?.scrollTo({ top: end.current.scrollHeight });
  }, [last]);
  return (
    <section class="p messages" aria-label={t('desk.messages')} data-testid="messages">
      <div class="h">
        <span>{t('desk.messages')}</span>
        <span class="num n">{unread || ''}</span>
        {unread > 0 ? (
          <button
            type="button"
            class="key r"
            data-act="read"
            onClick={() => void desk.acts.say(t('desk.messages.seen'), 'message.read', { upTo: last })}
          >
            {t('desk.messages.seen')}
          </button>
        ) : (
          <span class="r">{t('desk.messages.sub')}</span>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is also scrolled by keys */}
      <div class="scroll list" ref={end} role="log" tabIndex={0} aria-label={t('desk.messages')}>
        {list.map((message) => (
          <Message key={message.id} desk={desk} message={message} view={view} />
        ))}
        {list.length === 0 && <p class="none">{t('desk.messages.none')}</p>}
      </div>
      <Write desk={desk} />
    </section>
  );
}

interface MessageProps {
  desk: Desk;
  message: MessageView;
  view: MessagesView | null;
}

function Message({ desk, message, view }: MessageProps) {
  const fresh = message.from !== undefined && message.id > (view?.upTo ?? 0);
  return (
    <div class={`msg ${message.from ? '' : 'out'} ${fresh ? 'new' : ''}`} data-testid="message">
      <p>
        {message.from ? <From desk={desk} message={message} /> : <To desk={desk} message={message} />}
        <span class="num r">{clock(message.atMs)}</span>
      </p>
      <p>
        {message.text} {!message.from && <Read desk={desk} message={message} points={view?.points ?? {}} />}
      </p>
    </div>
  );
}

function From({ desk, message }: { desk: Desk; message: MessageView }) {
  const row = desk.page.state.row(message.from ?? '').value;
  return (
    <button type="button" class="who" onClick={() => message.from && desk.floor.choose(message.from)}>
      <span class="num q">{row ? number(row.number) : ''}</span> <b>{row?.name ?? message.from}</b>{' '}
      <span class="q">{message.name !== row?.name ? message.name : ''}</span>
    </button>
  );
}

function To({ desk, message }: { desk: Desk; message: MessageView }) {
  const to = message.to ?? [];
  const row = desk.page.state.row(to[0] ?? '').value;
  const whom =
    to.length === 0 ? t('desk.messages.all') : to.length === 1 ? row?.name : t('desk.messages.n', { n: to.length });
  return <span class="q">{t('desk.messages.to', { to: whom ?? '' })}</span>;
}

/** Who has read it, of those it went to. */
function Read({ desk, message, points }: { desk: Desk; message: MessageView; points: Record<string, number> }) {
  const to = message.to?.length ? message.to : desk.page.state.points.value;
  const n = to.filter((id) => (points[id] ?? 0) >= message.id).length;
  return <small>{t('desk.messages.read', { n, all: to.length })}</small>;
}

/** Whom a message goes to: the chosen point, a group, or all. */
function Write({ desk }: { desk: Desk }) {
  const text = useSignal('');
  const groups = useComputed(() => recipients(desk));
  const row = desk.page.state.row(desk.to.value).value;
  const chosen = groups.value.find((g) => g.id === desk.to.value);
  const send = async (words: string) => {
    if (!words.trim()) return;
    const to = row ? [row.id] : chosen?.points;
    const whom = row?.name ?? chosen?.words ?? t('desk.messages.all');
    const done = await desk.acts.say(t('desk.messages.to', { to: whom }), 'message.send', {
      ...(to && { to }),
      text: words.trim(),
    });
    if (done) text.value = '';
  };
  return (
    <form
      class="write"
      onSubmit={(e) => {
        e.preventDefault();
        void send(text.value);
      }}
    >
      <div class="canned">
        {canned.map((key) => (
          <button type="button" key={key} class="key" data-act={key} onClick={() => void send(t(key))}>
            {t(key)}
          </button>
        ))}
      </div>
      <div class="line">
        <select
          aria-label={t('desk.messages.to', { to: '' })}
          data-act="to"
          value={row ? row.id : (chosen?.id ?? '')}
          onChange={(e) => {
            desk.to.value = e.currentTarget.value;
          }}
        >
          {row && <option value={row.id}>{t('desk.messages.to', { to: `${number(row.number)} ${row.name}` })}</option>}
          {groups.value.map(({ id, words }) => (
            <option key={id} value={id}>
              {t('desk.messages.to', { to: words })}
            </option>
          ))}
        </select>
        <input
          data-field="message"
          data-testid="write"
          maxLength={500}
          aria-label={t('desk.message')}
          placeholder={t('desk.message')}
          value={text.value}
          onInput={(e) => {
            text.value = e.currentTarget.value;
          }}
        />
        <button type="submit" class="key" data-act="send" disabled={!text.value.trim()}>
          {t('desk.messages.send')} <span class="cap">⏎</span>
        </button>
      </div>
    </form>
  );
}

/** The groups a message can go to; one without anybody in it is not offered. */
function recipients(desk: Desk): { id: string; words: string; points?: string[] }[] {
  const { state } = desk.page;
  const rows = state.all();
  const out = rows.filter(isOut).map((row) => row.id);
  const weak = rows.filter((row) => state.lines.weak(row.id)).map((row) => row.id);
  return [
    { id: '', words: t('desk.messages.all') },
    ...(out.length ? [{ id: '+out', words: t('desk.messages.lost', { n: out.length }), points: out }] : []),
    ...(weak.length ? [{ id: '+weak', words: t('desk.messages.weak', { n: weak.length }), points: weak }] : []),
  ];
}
