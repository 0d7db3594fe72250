// Who asks for a floor; the keys carry the name they act on.
import { span } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { Lamp } from '../ui/icons';
import type { RequestView } from '../wire';
import type { Desk } from './desk';
import { carried, dragRequest, takes } from './drag';
import { keyOf } from './floor';
import { Name } from './Name';

/** Queue is the list of requests in the order they will be called; the chosen one shows its keys. */
export function Queue({ desk }: { desk: Desk }) {
  const waiting = desk.floor.waiting.value;
  return (
    <section class="p queue" aria-label={t('con.queue')}>
      <div class="h">
        <Lamp is="ask" />
        <span>{t('con.queue')}</span>
        <span class="num n">{waiting.length || ''}</span>
        <span class="r">
          {t('desk.reorder')} <span class="cap">Alt ↑ ↓</span>
        </span>
      </div>
      <div data-list class="scroll">
        {waiting.map((request, i) => (
          <Asking key={keyOf(request)} desk={desk} request={request} place={i + 1} />
        ))}
        {waiting.length === 0 && <p class="none">{t('con.queue.empty')}</p>}
      </div>
    </section>
  );
}

interface AskingProps {
  desk: Desk;
  request: RequestView;
  place: number;
}

function Asking({ desk, request, place }: AskingProps) {
  const at = desk.floor.target.value;
  const chosen = at?.point === request.point && at.floor === request.floor;
  const drop = (e: DragEvent) => {
    const from = desk.floor.waiting.peek().find((r) => keyOf(r) === carried(e).request);
    if (!from || from.floor !== request.floor) return;
    e.preventDefault();
    const queue = desk.floor.waiting.peek().filter((r) => r.floor === from.floor);
    desk.floor.moveTo(from, queue.indexOf(request) + 1);
  };
  return (
    <div
      class={`req ${chosen ? 'sel' : ''}`}
      data-testid="request"
      data-point={request.point}
      data-floor={request.floor}
      role="group"
      draggable
      onDragStart={(e) => dragRequest(e, keyOf(request))}
      onDragOver={takes}
      onDrop={drop}
    >
      <button type="button" class="who" data-item onClick={() => desk.floor.choose(request.point, request.floor)}>
        <span class="n">{place}</span>
        <span class="what">
          <Name desk={desk} point={request.point} sub={request.floor === 'content' ? t('tile.content') : ''} />
          <Said request={request} />
        </span>
        <span class="t">
          <span class="num">{span(desk.page.now.value - request.askedAtMs)}</span>
          <Stage request={request} />
        </span>
      </button>
      {chosen && <Keys desk={desk} request={request} />}
    </div>
  );
}

function Said({ request }: { request: RequestView }) {
  const said = [request.delegate, request.subject].filter(Boolean).join(': ');
  return (
    <>
      {said && <span class="said">{said}</span>}
      {request.note && <span class="said note">{t('desk.note.of', { note: request.note })}</span>}
    </>
  );
}

function Stage({ request }: { request: RequestView }) {
  if (request.state === 'accepted') return <small class="is-grant w">{t('desk.passed')}</small>;
  return <small>{t(request.deferred ? 'desk.deferred' : 'con.waited')}</small>;
}

function Keys({ desk, request }: { desk: Desk; request: RequestView }) {
  const at = { point: request.point, floor: request.floor };
  const content = request.floor === 'content';
  if (desk.floor.noting.value === keyOf(at)) return <Note desk={desk} request={request} />;
  return (
    <div class="keys">
      {!content && (
        <button type="button" class="key is-grant" data-tally data-act="give" onClick={() => desk.floor.give(at)}>
          {t('con.give')} <span class="cap">F</span>
        </button>
      )}
      <button type="button" class="key is-grant" data-tally data-act="grant" onClick={() => desk.floor.grant(at)}>
        {t(content ? 'con.invite.content' : 'con.invite')} <span class="cap">I</span>
      </button>
      <button
        type="button"
        class="key"
        data-act="accept"
        disabled={request.state === 'accepted'}
        onClick={() => desk.floor.accept(at)}
      >
        {t('desk.pass')} <span class="cap">C</span>
      </button>
      <button type="button" class="key" data-act="deny" onClick={() => desk.floor.deny(at)}>
        {t(content ? 'con.deny.content' : 'con.deny')} <span class="cap">Del</span>
      </button>
      <button type="button" class="key" data-act="defer" onClick={() => desk.floor.defer(at)}>
        {t('desk.defer')} <span class="cap">D</span>
      </button>
      <button type="button" class="key" data-act="note" onClick={() => desk.floor.write(at)}>
        {t('desk.note')} <span class="cap">N</span>
      </button>
    </div>
  );
}

/** The note is written where it will be read. */
function Note({ desk, request }: { desk: Desk; request: RequestView }) {
  const submit = (e: SubmitEvent) => {
    e.preventDefault();
    const text = String(new FormData(e.currentTarget as HTMLFormElement).get('note') ?? '').trim();
    desk.floor.note({ point: request.point, floor: request.floor }, text);
  };
  return (
    <form class="noting" onSubmit={submit} data-testid="note">
      <input
        ref={(field: HTMLInputElement | null) => field?.focus()}
        name="note"
        maxLength={200}
        value={request.note ?? ''}
        placeholder={t('desk.note.write')}
        aria-label={t('desk.note')}
        onBlur={() => {
          desk.floor.noting.value = '';
        }}
      />
    </form>
  );
}
