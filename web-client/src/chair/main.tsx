import '../ui/tokens.css';
import '../ui/picture.css';
import '../ui/door.css';
import './chair.css';
import { render } from 'preact';
import { startLang, t } from '../i18n/i18n';
import { takeTicket } from '../page/token';
import { Door } from '../ui/Door';
import { ChairScreen } from './ChairScreen';
import { Tablet } from './tablet';

function start(): void {
  if (document.documentElement.hasAttribute('data-old')) return;
  startLang();
  const ticket = takeTicket('chair');
  if (!ticket.token) {
    render(<Door words={t('door.none')} />, document.body);
    return;
  }
  render(<ChairScreen tablet={new Tablet(ticket)} />, document.body);
}

start();
