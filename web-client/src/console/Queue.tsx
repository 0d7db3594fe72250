// Who asks and who holds a floor; the keys carry the name they act on.
import { span } from '../i18n/clock';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { Lamp } from '../ui/icons';
import type { RequestView } from '../wire';
import type { Desk } from './desk';

/** Queue is the list of requests, oldest first; the chosen one shows its keys. */
export function Queue({ desk }: { desk: Desk }) {
  const waiting = desk.waiting.value;
  return (
    <section class="p queue" aria-label={t('con.queue')}>
      <div class="h">
        <Lamp is="ask" />
        <span>{t('con.queue')}</span>
        <span class="num n">{waiting.length || ''}</span>
      </div>
      <div data-list class="scroll">
        {waiting.map((request, i) => (
          <Asking key={`${request.point} ${request.floor}`} desk={desk} request={request} place={i + 1} />
        ))}
        {waiting.length === 0 && <p class="none">{t('con.queue.empty')}</p>}
      </div>
    </section>
  );
}

function Asking({ desk, request, place }: { desk: Desk; request: RequestView; place: number }) {
  const at = desk.target.value;
  const chosen = at?.point === request.point && at.floor === request.floor;
  return (
    <div
      class={`req ${chosen ? 'sel' : ''}`}
      data-testid="request"
      data-point={request.point}
      data-floor={request.floor}
    >
      <button type="button" class="who" data-item onClick={() => desk.choose(request.point, request.floor)}>
        <span class="n">{place}</span>
        <Name desk={desk} point={request.point} sub={request.floor === 'content' ? t('layout.content+1') : ''} />
        <span class="t">
          <span class="num">{span(desk.page.now.value - request.askedAtMs)}</span>
          <small>{t('con.waited')}</small>
        </span>
      </button>
      {chosen && <FloorKeys desk={desk} request={request} />}
    </div>
  );
}

function FloorKeys({ desk, request }: { desk: Desk; request: RequestView }) {
  const at = { point: request.point, floor: request.floor };
  const content = request.floor === 'content';
  return (
    <div class="keys">
      {!content && (
        <button type="button" class="key is-grant" data-tally data-act="give" onClick={() => desk.give(at)}>
          {t('con.give')} <span class="cap">F</span>
        </button>
      )}
      <button type="button" class="key is-grant" data-tally data-act="grant" onClick={() => desk.grant(at)}>
        {t(content ? 'con.invite.content' : 'con.invite')} <span class="cap">I</span>
      </button>
      <button type="button" class="key" data-act="deny" onClick={() => desk.deny(at)}>
        {t(content ? 'con.deny.content' : 'con.deny')} <span class="cap">Del</span>
      </button>
    </div>
  );
}

function Name({ desk, point, sub }: { desk: Desk; point: string; sub?: string }) {
  const row = desk.page.state.row(point).value;
  return (
    <h3>
      <span class="num">{row ? number(row.number) : ''}</span>
      {row?.name ?? point} <small>{sub || row?.parent}</small>
    </h3>
  );
}

/** Mics are the floors that are held: who speaks, and since when. */
export function Mics({ desk }: { desk: Desk }) {
  const held = desk.granted.value;
  const open = held.filter((r) => r.floor === 'speech' && r.mic === 'on').length;
  return (
    <section class="p mics" aria-label={t('con.mics')}>
      <div class="h">
        <Lamp is="air" />
        <span>{t('con.mics')}</span>
        <span class="num n">{open || ''}</span>
        <span class="r">{t('con.mics.off', { n: desk.page.state.points.value.length - open })}</span>
      </div>
      {held.map((request) => (
        <Held key={`${request.point} ${request.floor}`} desk={desk} request={request} />
      ))}
      {held.length === 0 && <p class="none">{t('con.mics.empty')}</p>}
      <div class="acts">
        <button type="button" class="key" data-act="closeAll" onClick={() => desk.closeAll()}>
          {t('con.closeAll')} <small>{t('con.closeAll.sub')}</small> <span class="cap">⇧M</span>
        </button>
        <EndKey desk={desk} />
      </div>
    </section>
  );
}

function Held({ desk, request }: { desk: Desk; request: RequestView }) {
  const { now } = desk.page;
  const on = request.mic === 'on';
  const content = request.floor === 'content';
  const since = request.grantedAtMs ?? now.value;
  const sub = content ? t('con.contentOn') : on ? '' : t('con.invited');
  return (
    <div
      class={`m ${on || content ? 'is-air' : 'is-grant'}`}
      data-testid="held"
      data-point={request.point}
      data-floor={request.floor}
      data-mic={request.mic}
    >
      <Name desk={desk} point={request.point} sub={sub} />
      <span class="tm">{span(now.value - since)}</span>
      <button
        type="button"
        class="key"
        data-act="revoke"
        onClick={() => desk.revoke({ point: request.point, floor: request.floor })}
      >
        {t(content ? 'con.cut.content' : on ? 'con.cut' : 'con.withdraw')} <span class="cap">M</span>
      </button>
      {request.byDirection && <p class="by">{t('con.byDirection')}</p>}
    </div>
  );
}

function EndKey({ desk }: { desk: Desk }) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hold = () => {
    timer = setTimeout(() => desk.end(), 1000);
  };
  const release = () => clearTimeout(timer);
  return (
    <button
      type="button"
      class="key guard"
      data-act="end"
      onPointerDown={hold}
      onPointerUp={release}
      onPointerLeave={release}
    >
      {t('con.end')} <span class="cap">{t('con.end.hold')}</span>
    </button>
  );
}
