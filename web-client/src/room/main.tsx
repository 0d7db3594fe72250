import '../ui/tokens.css';
import '../ui/picture.css';
import '../ui/door.css';
import './room.css';
import { render } from 'preact';
import { startLang, t } from '../i18n/i18n';
import { takeTicket } from '../page/token';
import { Door } from '../ui/Door';
import { onRoomKey } from './keys';
import { RoomScreen } from './RoomScreen';
import { Room } from './room';
import { keepAwake } from './wakelock';

function start(): void {
  if (document.documentElement.hasAttribute('data-old')) return;
  startLang();
  const ticket = takeTicket('room');
  if (!ticket.token) {
    render(<Door words={t('door.none')} />, document.body);
    return;
  }
  const room = new Room(ticket);
  onRoomKey((key) => room.press(key));
  keepAwake();
  render(<RoomScreen room={room} />, document.body);
}

start();
