import '../ui/tokens.css';
import '../ui/door.css';
import './relay.css';
import '../focal/words';
import { render } from 'preact';
import { startLang, t } from '../i18n/i18n';
import { takeTicket } from '../page/token';
import { Door } from '../ui/Door';
import { keepAwake } from '../ui/wakelock';
import { RelayScreen } from './RelayScreen';
import { Relay } from './relay';

function start(): void {
  if (document.documentElement.hasAttribute('data-old')) return;
  startLang();
  // A source is set up once and comes back by itself after a power cut.
  const ticket = takeTicket('relay', localStorage);
  if (!ticket.token) {
    render(<Door words={t('door.none')} />, document.body);
    return;
  }
  keepAwake();
  render(<RelayScreen relay={new Relay(ticket)} />, document.body);
}

start();
