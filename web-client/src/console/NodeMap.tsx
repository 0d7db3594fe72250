// The servers of the meeting and the links between them.
import { t } from '../i18n/i18n';
import type { Desk } from './desk';

/** NodeMap is one box a server; today there is one. */
export function NodeMap({ desk }: { desk: Desk }) {
  const bad = desk.page.downSince.value > 0 || desk.page.socket.value === 'lost';
  return (
    <p class="none">
      {t('con.link')}: {t(bad ? 'desk.links.lost' : 'desk.links.good')}. {t('desk.links.mapNone')}
    </p>
  );
}
