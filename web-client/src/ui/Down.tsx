// The sentence of a lost link, for the desk and the tablet.
import type { ComponentChildren } from 'preact';
import { clock } from '../i18n/clock';
import { t } from '../i18n/i18n';
import type { Page } from '../page/page';
import { Icon } from './icons';

interface Props {
  page: Page;
  /** What can be done while the server is without the one above. */
  children?: ComponentChildren;
}

/** Down says that the link is gone, the page's own or the server's to the one above, and that it comes back by itself; or that the server cannot write its log, and that every microphone is closed meanwhile. */
export function Down({ page, children }: Props) {
  const since = page.downSince.value;
  const above = page.state.meeting.value?.above;
  const unwritten = page.state.meeting.value?.unwrittenSinceMs;
  if (!since && unwritten)
    return (
      <p class="down" role="alert" data-testid="unwritten">
        <b>
          <Icon name="lost" />
          {t('unwritten.since', { time: clock(unwritten) })}
        </b>
        {t('unwritten.sentence')}
      </p>
    );
  if (!since && above)
    return (
      <p class="down" role="status" data-testid="lost">
        <Icon name="lost" />
        {t('lost.sentence', { point: above })}
        {children}
      </p>
    );
  if (!since) return null;
  return (
    <p class="down" role="alert" data-testid="lost">
      <b>
        <Icon name="lost" />
        {t('lost.since', { time: clock(since) })}
      </b>
      {t('lost.sentence', { point: t('lost.server') })}
    </p>
  );
}
