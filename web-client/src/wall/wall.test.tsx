import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakePeer, FakeSocket, open as meeting } from '../link/fake';
import { at, serious, setStage, show, ticket } from '../page/stage';
import type { View } from '../wire';
import { WallScreen } from './WallScreen';
import { open, wishOf } from './wall';

const view: View = {
  ...meeting,
  picture: { layout: '1', tiles: [{ source: 'hg-01/camera', name: 'UBND tỉnh' }] },
  banners: [{ audience: 'all', text: 'Nghỉ giải lao' }],
};
const enter = async (asked: string, v = view) => {
  const wish = wishOf(new URLSearchParams(asked));
  const page = open(wish, ticket);
  await show(<WallScreen page={page} wish={wish} />, { you: { role: 'observer' } }, v);
  page.link.close();
};

beforeEach(setStage);
afterEach(() => vi.unstubAllGlobals());

describe('a wall', () => {
  it('asks the server for what its address asks for', async () => {
    await enter('audience=tier:huyện&exclude=hg-02,hg-03&part=people');
    const { d } = FakeSocket.last.sent[0] ?? {};
    expect(d).toMatchObject({ audience: 'tier:huyện', exclude: ['hg-02', 'hg-03'], part: 'people', maxTiles: 25 });
  });

  it('asks for nothing that is not in it, and for no part there is not', async () => {
    await enter('part=half');
    expect(Object.keys(FakeSocket.last.sent[0]?.d ?? {}).sort()).toEqual(['device', 'maxTiles', 'token']);
  });

  it('takes no sound beside the room whose presentation it shows', async () => {
    await enter('part=content');
    expect(FakePeer.last.lines.map((l) => l.media)).not.toContain('audio');
  });

  it('has no control, and nothing axe objects to', { timeout: 30_000 }, async () => {
    await enter('');
    expect(document.querySelectorAll('button, a, input, select')).toHaveLength(0);
    expect(at('[data-testid="wall"]').textContent).toContain('Nghỉ giải lao');
    expect(await serious()).toEqual([]);
  });

  it('hides names where captions are not wanted', async () => {
    await enter('captions=off');
    expect(at('[data-testid="wall"]').dataset.captions).toBeUndefined();
  });

  it('says what comes while there is no picture', async () => {
    await enter('', { idle: { nextTitle: 'Giao ban tháng 12' } });
    expect(at('[data-testid="wall"]').textContent).toContain('Giao ban tháng 12');
  });
});
