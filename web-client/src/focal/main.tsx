import '../ui/tokens.css';
import '../ui/door.css';
import './focal.css';
import './words';
import { render } from 'preact';
import { startLang, t } from '../i18n/i18n';
import { takeTicket } from '../page/token';
import { Door } from '../ui/Door';
import { FocalScreen } from './FocalScreen';
import { Focal } from './focal';

function start(): void {
  if (document.documentElement.hasAttribute('data-old')) return;
  startLang();
  // A telephone throws tabs away; the officer's link outlives that.
  const ticket = takeTicket('focal', localStorage);
  if (!ticket.token) {
    render(<Door words={t('door.none')} />, document.body);
    return;
  }
  render(<FocalScreen focal={new Focal(ticket)} />, document.body);
}

start();
