// Where the browser plays no sound before a press, the whole screen is the key.
import { t } from '../i18n/i18n';
import { blocked, unblock } from './Voices';

/** SoundBlocked covers the page until a press lets it play; press does what else waits for one. */
export function SoundBlocked({ press = unblock }: { press?: () => unknown }) {
  if (!blocked.value) return null;
  return (
    <button type="button" class="blocked" data-testid="sound-blocked" onClick={() => press()}>
      <b>{t('sound.blocked')}</b>
      <span>{t('sound.why')}</span>
    </button>
  );
}
