// The relay source (Art 5.4.a): heard by an order that is on record, not by an
// invitation and an OK.
import { t } from '../i18n/i18n';
import type { RosterRow } from '../wire';
import type { Desk } from './desk';
import { Name } from './Name';

/** FeedKeys opens a relay source by an order, and closes it. */
export function FeedKeys({ desk, row }: { desk: Desk; row: RosterRow }) {
  if (desk.page.state.floor.value?.feed?.point === row.id) {
    return <Close desk={desk} point={row.id} name={row.name} />;
  }
  const submit = (e: SubmitEvent) => {
    e.preventDefault();
    const form = new FormData(e.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    void desk.acts.say(`${t('desk.feed.open')}: ${row.name}`, 'feed.open', {
      point: row.id,
      who: text('who'),
      document: text('document'),
    });
  };
  return (
    <form class="feed" data-testid="feed-form" onSubmit={submit}>
      <input name="who" required maxLength={200} {...named('desk.feed.who')} />
      <input name="document" required maxLength={200} {...named('desk.feed.document')} />
      <button type="submit" class="key is-grant" data-act="feed-open">
        {t('desk.feed.open')}
      </button>
    </form>
  );
}

/** FeedHeld is the relay source that is heard, among the open microphones. */
export function FeedHeld({ desk }: { desk: Desk }) {
  const feed = desk.page.state.floor.value?.feed;
  if (!feed) return null;
  const name = desk.page.state.row(feed.point).value?.name ?? feed.point;
  return (
    <div class="m is-air" data-testid="feed" data-point={feed.point}>
      <Name desk={desk} point={feed.point} sub={t('desk.feed')} />
      <Close desk={desk} point={feed.point} name={name} />
      <p class="by">{[feed.who, feed.document].filter(Boolean).join(' · ')}</p>
    </div>
  );
}

function Close({ desk, point, name }: { desk: Desk; point: string; name: string }) {
  const words = `${t('desk.feed.close')}: ${name}`;
  return (
    <button
      type="button"
      class="key"
      data-act="feed-close"
      onClick={() => void desk.acts.say(words, 'feed.close', { point })}
    >
      {t('desk.feed.close')}
    </button>
  );
}

function named(key: 'desk.feed.who' | 'desk.feed.document') {
  return { placeholder: t(key), 'aria-label': t(key) };
}
