// The sentence of a lost link, for the desk and the tablet.
import { clock } from '../i18n/clock';
import { t } from '../i18n/i18n';
import type { Page } from '../page/page';
import { Icon } from './icons';

/** Down says that the link is gone, since when, and that it comes back by itself. */
export function Down({ page }: { page: Page }) {
  const since = page.downSince.value;
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
