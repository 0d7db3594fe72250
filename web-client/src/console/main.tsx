import '../ui/tokens.css';
import '../ui/picture.css';
import '../ui/door.css';
import './console.css';
import './points.css';
import './mixer.css';
import './wall.css';
import './floor.css';
import './panel.css';
import { render } from 'preact';
import { startLang, t } from '../i18n/i18n';
import { takeTicket } from '../page/token';
import { Door } from '../ui/Door';
import { keepAwake } from '../ui/wakelock';
import { ConsoleScreen } from './ConsoleScreen';
import { Desk } from './desk';
import { holdToEnd } from './hold';
import { pressed } from './keys';
import { hearChosen } from './monitor';

function start(): void {
  if (document.documentElement.hasAttribute('data-old')) return;
  startLang();
  const ticket = takeTicket('console');
  if (!ticket.token) {
    render(<Door words={t('door.none')} />, document.body);
    return;
  }
  keepAwake();
  const desk = new Desk(ticket);
  addEventListener('keydown', (e) => {
    if (pressed(e, desk)) e.preventDefault();
  });
  holdToEnd(desk);
  hearChosen((point) => desk.floor.choose(point));
  render(<ConsoleScreen desk={desk} />, document.body);
}

start();
