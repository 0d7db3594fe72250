// A wall's page without its looks: what it was asked to show, in its address.
import type { Screen } from '../link/link';
import { bears } from '../page/decode';
import { Page } from '../page/page';
import type { Ticket } from '../page/token';
import type { Part } from '../wire';

/** Wish is what a wall's address asks for: &audience=, &exclude=a,b, &part=, &sound=off, &captions=off. */
export interface Wish {
  screen: Screen;
  sound: boolean;
  captions: boolean;
}

/** wishOf reads an address; what is not there is left to the server. */
export function wishOf(asked: URLSearchParams): Wish {
  const part = asked.get('part');
  const exclude = (asked.get('exclude') ?? '').split(',').filter(Boolean);
  return {
    screen: {
      ...(asked.get('audience') && { audience: asked.get('audience') ?? '' }),
      ...(exclude.length > 0 && { exclude }),
      ...((part === 'content' || part === 'people') && { part: part as Part }),
    },
    // A room's second screen shows; the first one is heard.
    sound: asked.get('sound') !== 'off' && part !== 'content',
    captions: asked.get('captions') !== 'off',
  };
}

/** open opens the page of a wall. */
export function open(wish: Wish, ticket: Ticket): Page {
  const kind = { maxTiles: bears(25), send: false, listen: wish.sound, screen: wish.screen };
  return new Page({ roles: ['observer', 'controller'], ...kind }, ticket);
}
