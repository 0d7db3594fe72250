// The point the keys act on, when it has not asked: what can be done with it.
import { useComputed } from '@preact/signals';
import { t } from '../i18n/i18n';
import { number } from '../state/search';
import { shown } from '../state/shown';
import { lamp } from '../state/worst';
import { Lamp } from '../ui/icons';
import { Picture } from '../ui/Picture';
import type { RosterRow } from '../wire';
import { Checked } from './Checked';
import type { Desk } from './desk';
import { FeedKeys } from './Feed';

/** Chosen offers the floor to a point that has not asked, a private look, and whom to call. */
export function Chosen({ desk }: { desk: Desk }) {
  const at = desk.floor.chosen.value;
  const row = at ? desk.page.state.row(at.point).value : undefined;
  const asks = desk.floor.waiting.value.some((r) => r.point === at?.point);
  if (!row || asks) return null;
  return (
    <section class="p chosen" data-testid="chosen" data-point={row.id} aria-label={t('con.selected')}>
      <h3>
        <Lamp is={lamp(row)} />
        <span class="num">{number(row.number)}</span>
        {row.name} <small>{row.parent}</small>
      </h3>
      <Checked checked={row.checked} />
      <Look desk={desk} point={row.id} />
      <div class="keys">
        {row.presence === 'present' ? <Present desk={desk} row={row} /> : <Away desk={desk} row={row} />}
        <button
          type="button"
          class="key"
          data-act="to-preview"
          onClick={() => desk.mixer.put({ kind: 'point', point: row.id })}
        >
          {t('con.toPreview', { n: desk.mixer.tile.value + 1 })}
        </button>
      </div>
    </section>
  );
}

function Present({ desk, row }: { desk: Desk; row: RosterRow }) {
  const target = { point: row.id, floor: 'speech' as const };
  const holds = desk.floor.granted.value.some((r) => r.point === row.id && r.floor === 'speech');
  const looks = desk.watched.looked.value.includes(row.id);
  return (
    <>
      {row.feed ? (
        <FeedKeys desk={desk} row={row} />
      ) : holds ? (
        <button type="button" class="key" data-act="revoke" onClick={() => desk.floor.revoke(target)}>
          {t('con.cut')} <span class="cap">M</span>
        </button>
      ) : (
        <>
          <button type="button" class="key is-grant" data-tally data-act="give" onClick={() => desk.floor.give(target)}>
            {t('con.give')} <span class="cap">F</span>
          </button>
          <button
            type="button"
            class="key is-grant"
            data-tally
            data-act="grant"
            onClick={() => desk.floor.grant(target)}
          >
            {t('con.invite')} <span class="cap">I</span>
          </button>
        </>
      )}
      <button
        type="button"
        class={`key ${looks ? 'on' : ''}`}
        data-act="look"
        aria-pressed={looks}
        onClick={() => desk.watched.look(row.id)}
      >
        {t(looks ? 'desk.look.stop' : 'desk.look')}
      </button>
      {!holds && !row.chair && !row.feed && (
        <button
          type="button"
          class="key"
          data-act="hear"
          title={t('desk.hear.sub')}
          onClick={() => desk.floor.check(row.id)}
        >
          {t('desk.hear')}
        </button>
      )}
    </>
  );
}

/** A point that is not here can be called, and one that left can be let in again. */
function Away({ desk, row }: { desk: Desk; row: RosterRow }) {
  const say = (key: 'desk.summon' | 'desk.readmit', command: 'point.summon' | 'point.readmit') =>
    void desk.acts.say(`${t(key)}: ${row.name}`, command, { point: row.id });
  return (
    <>
      <button type="button" class="key" data-act="summon" onClick={() => say('desk.summon', 'point.summon')}>
        {t('desk.summon')}
      </button>
      <button type="button" class="key" data-act="readmit" onClick={() => say('desk.readmit', 'point.readmit')}>
        {t('desk.readmit')}
      </button>
    </>
  );
}

/** The picture only this desk sees. */
function Look({ desk, point }: { desk: Desk; point: string }) {
  const { state, video } = desk.page;
  const looks = desk.watched.looked.value.includes(point);
  const tiles = useComputed(() => shown([{ source: `${point}/camera` }], state.slots.value, state.live.value));
  return (
    <div class="look" hidden={!looks}>
      <Picture name="look" layout="1" tiles={looks ? tiles.value : []} streams={video.value} />
    </div>
  );
}
