import '../ui/tokens.css';
import '../ui/door.css';
import { render } from 'preact';
import { startLang, t } from '../i18n/i18n';
import { Door } from '../ui/Door';

/** Start says what there is to open; the links themselves are handed out by people. */
function Start() {
  return (
    <Door words={t('start.title')}>
      <p>{t('start.choose')}</p>
      <ul>
        <li>
          <b>/console</b> · {t('start.console')}
        </li>
        <li>
          <b>/chair</b> · {t('start.chair')}
        </li>
        <li>
          <b>/room</b> · {t('start.room')}
        </li>
      </ul>
      <p>{t('start.note')}</p>
    </Door>
  );
}

if (!document.documentElement.hasAttribute('data-old')) {
  startLang();
  render(<Start />, document.body);
}
