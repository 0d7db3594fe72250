import '../ui/tokens.css';
import '../ui/picture.css';
import '../ui/door.css';
import '../console/console.css';
import '../console/mixer.css';
import '../console/wall.css';
import './monitor.css';
import { render } from 'preact';
import { Desk } from '../console/desk';
import { hearChosen } from '../console/monitor';
import { startLang, t } from '../i18n/i18n';
import { takeTicket } from '../page/token';
import { Door } from '../ui/Door';
import { keepAwake } from '../ui/wakelock';
import { MonitorScreen } from './MonitorScreen';

/** Live pictures of one screen. */
const live = 25;

function start(): void {
  if (document.documentElement.hasAttribute('data-old')) return;
  startLang();
  // The console's window hands its ticket on; this one is a device of its own.
  const ticket = takeTicket('console');
  if (!ticket.token) {
    render(<Door words={t('door.none')} />, document.body);
    return;
  }
  keepAwake();
  const desk = new Desk({ ...ticket, device: `${ticket.device.slice(0, 30)}-2` }, live);
  hearChosen((point) => desk.floor.choose(point));
  render(<MonitorScreen desk={desk} />, document.body);
}

start();
