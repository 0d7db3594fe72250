// Who this tab is: its token and its device. Both live in the tab's own
// storage, so that four roles live in four tabs of one browser.

/** Ticket is what a link's fragment carries: #t=TOKEN&picture=test. */
export interface Ticket {
  token: string;
  device: string;
  /** The room shows its test picture instead of a camera. */
  testPicture: boolean;
}

/** takeTicket moves the fragment into the tab's storage, cleans the address bar, and reads what is stored. */
export function takeTicket(page: string, store: Storage = sessionStorage): Ticket {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get('t');
  if (token) {
    store.setItem(`giaoban.${page}.token`, token);
    store.setItem(`giaoban.${page}.picture`, fragment.get('picture') ?? '');
    history.replaceState(null, '', location.pathname + location.search);
  }
  let device = store.getItem('giaoban.device');
  if (!device) {
    device = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
    store.setItem('giaoban.device', device);
  }
  return {
    token: store.getItem(`giaoban.${page}.token`) ?? '',
    device,
    testPicture: store.getItem(`giaoban.${page}.picture`) === 'test',
  };
}
