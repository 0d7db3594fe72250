import '../ui/tokens.css';
import '../ui/picture.css';
import '../ui/door.css';
import '../ui/blocked.css';
import './room.css';
import './pairing.css';
import { effect } from '@preact/signals';
import { render } from 'preact';
import { startLang } from '../i18n/i18n';
import { type Ticket, takeTicket } from '../page/token';
import { keepAwake } from '../ui/wakelock';
import { onRoomKey } from './keys';
import { PairingScreen } from './PairingScreen';
import { forgetTicket, Pairing, pairedTicket, renewTicket } from './pair';
import { RoomScreen } from './RoomScreen';
import { Room } from './room';
import { Stills } from './still';

function start(): void {
  if (document.documentElement.hasAttribute('data-old')) return;
  startLang();
  const ticket = takeTicket('room');
  const paired = ticket.token ? null : pairedTicket();
  if (!ticket.token && !paired) {
    keepAwake();
    render(<PairingScreen pairing={new Pairing(ticket.device, () => location.reload())} />, document.body);
    return;
  }
  const room = open(paired ?? ticket);
  if (!paired) return;
  renewTicket(paired);
  effect(() => {
    // The operator has revoked the kiosk: it shows a code again.
    if (['token.invalid', 'token.device'].includes(room.page.shut.value)) {
      forgetTicket(paired.token);
      location.reload();
    }
  });
}

function open(ticket: Ticket): Room {
  const room = new Room(ticket);
  onRoomKey((key) => room.press(key));
  new Stills(ticket.token, () => room.capture.picture.value);
  keepAwake();
  render(<RoomScreen room={room} />, document.body);
  return room;
}

start();
