import '../ui/tokens.css';
import '../ui/picture.css';
import '../ui/door.css';
import '../ui/blocked.css';
import './wall.css';
import { render } from 'preact';
import { startLang, t } from '../i18n/i18n';
import { takeTicket } from '../page/token';
import { Door } from '../ui/Door';
import { keepAwake } from '../ui/wakelock';
import { WallScreen } from './WallScreen';
import { open, wishOf } from './wall';

const remembered = 'giaoban.wall.wish';

/** The wish comes with the token, in the address that was handed out, and outlives a reload as the token does. */
function asked(): URLSearchParams {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (fragment.has('t')) sessionStorage.setItem(remembered, location.hash.slice(1));
  return new URLSearchParams(sessionStorage.getItem(remembered) ?? '');
}

function start(): void {
  if (document.documentElement.hasAttribute('data-old')) return;
  startLang();
  const wish = wishOf(asked());
  sessionStorage.setItem(remembered, withoutToken(sessionStorage.getItem(remembered) ?? ''));
  const ticket = takeTicket('wall');
  if (!ticket.token) {
    render(<Door words={t('door.none')} />, document.body);
    return;
  }
  keepAwake();
  render(<WallScreen page={open(wish, ticket)} wish={wish} />, document.body);
}

function withoutToken(fragment: string): string {
  const rest = new URLSearchParams(fragment);
  rest.delete('t');
  return rest.toString();
}

start();
