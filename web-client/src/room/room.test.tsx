import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakePeer, open } from '../link/fake';
import { at, chimes, drawn, say, sent, serious, setStage, show, ticket } from '../page/stage';
import type { OwnView, View } from '../wire';
import { actions, type Sharing } from './actions';
import { roomKey } from './keys';
import { barsOf } from './level';
import { RoomScreen } from './RoomScreen';
import { Room } from './room';

const own = (more: Partial<OwnView> = {}): OwnView => ({
  point: 'hg-03',
  name: 'UBND huyện Xín Mần',
  mic: 'off',
  content: 'off',
  mayAsk: true,
  mayShow: true,
  presence: 'present',
  ...more,
});
const picture: View['picture'] = { layout: '1', tiles: [{ source: 'hg-01/camera', name: 'UBND tỉnh', mic: 'off' }] };
const view = (more: Partial<OwnView> = {}): View => ({
  ...open,
  own: own(more),
  picture,
  slots: { video: ['hg-01/camera'], voices: [] },
});
const patch = (more: Partial<OwnView>) => say({ t: 'patch', seq: 2, d: { own: own(more) } });
const mic = () => at('[data-testid="room"]').dataset.mic;
const words = () => at('[data-testid="mic-plate"]').textContent;

let room: Room;

async function enter(v: View = view()): Promise<void> {
  await show(<RoomScreen room={room} />, { you: { role: 'room', point: 'hg-03' } }, v);
}

beforeEach(() => {
  setStage();
  chimes.length = 0;
  room = new Room(ticket);
});
afterEach(() => {
  room.page.link.close();
  vi.unstubAllGlobals();
});

describe('the plate', () => {
  it('says each state in the words of the regulation', async () => {
    await enter();
    expect([mic(), words()]).toEqual(['off', 'MICRO TẮT']);
    await patch({ mic: 'asked', place: 3 });
    expect([mic(), words()]).toEqual(['asked', 'ĐÃ ĐĂNG KÝthứ 3']);
    await patch({ mic: 'invited' });
    expect([mic(), words()]).toEqual(['invited', 'MỜI PHÁT BIỂUNhấn OK để bật micro']);
    await patch({ mic: 'back' });
    expect([mic(), words()]).toEqual(['back', 'ĐÃ KẾT NỐI LẠINhấn OK để phát biểu tiếp']);
    await patch({ mic: 'on' });
    expect([mic(), words()]).toEqual(['opening', 'ĐANG BẬT MICRO…']);
    await say({ t: 'gate', d: { source: 'hg-03/microphone', open: true, seq: 2 } });
    expect(mic()).toBe('on');
    expect(words()).toContain('ĐANG PHÁT BIỂU');
    expect(document.querySelector('[data-testid="ring"]')).not.toBeNull();
  });

  it('says that the turn has ended, and never when it had not begun', async () => {
    await enter(view({ mic: 'on' }));
    await patch({ mic: 'off' });
    expect(words()).toBe('HẾT LƯỢT PHÁT BIỂU');
    await patch({ mic: 'asked' });
    await patch({ mic: 'off' });
    expect(words()).toBe('MICRO TẮT');
  });

  it('tells the chair point that its microphone is off, not that its turn has ended', async () => {
    await enter(view({ mic: 'on', chair: true }));
    await patch({ mic: 'invited', chair: true });
    expect([mic(), words()]).toEqual(['off', 'MICRO TẮT']);
    expect(chimes).toEqual([]);
  });

  it('says "not now" without blame', async () => {
    await enter(view({ mic: 'asked', denied: 1 }));
    await patch({ mic: 'off', denied: 2 });
    expect(words()).toBe('MICRO TẮTChủ trì chưa mời phát biểu lúc này');
  });

  it('chimes on an invitation and on nothing else', async () => {
    await enter();
    await patch({ mic: 'asked' });
    expect(chimes).toEqual([]);
    await patch({ mic: 'invited' });
    expect(chimes).toEqual([587, 880]);
    await patch({ mic: 'on' });
    await say({ t: 'gate', d: { source: 'hg-03/microphone', open: true, seq: 2 } });
    await patch({ mic: 'off' });
    expect(chimes).toHaveLength(2);
  });

  it('claims nothing over lost media', async () => {
    await enter(view({ mic: 'on' }));
    await say({ t: 'gate', d: { source: 'hg-03/microphone', open: true, seq: 2 } });
    expect(mic()).toBe('on');
    FakePeer.last.become('failed');
    await drawn();
    expect(mic()).toBe('off');
    expect(at('[data-testid="lost"]').textContent).toContain('cổng 10000 (UDP/TCP) bị chặn');
  });
});

describe('the microphone', () => {
  it('is enabled exactly while the plate says so', async () => {
    await enter();
    const track = { enabled: false, stop: () => 0 } as unknown as MediaStreamTrack;
    room.capture.microphone.value = track;
    expect(track.enabled).toBe(false);
    await patch({ mic: 'on' });
    expect(track.enabled).toBe(false);
    await say({ t: 'gate', d: { source: 'hg-03/microphone', open: true, seq: 2 } });
    expect(track.enabled).toBe(true);
    await say({ t: 'gate', d: { source: 'hg-03/microphone', open: false, seq: 3 } });
    expect(track.enabled).toBe(false);
  });
});

describe('the remote', () => {
  it('asks in two presses', async () => {
    await enter();
    room.press('up');
    await drawn();
    expect(at('[data-focus]').dataset.act).toBe('ask');
    room.press('ok');
    expect(sent('floor.request')).toEqual({ floor: 'speech' });
  });

  it('switches on in one press when invited', async () => {
    await enter(view({ mic: 'invited' }));
    room.press('ok');
    expect(sent('mic.on')).toEqual({});
  });

  it('offers to switch off first while speaking, and to finish left of it', async () => {
    await enter(view({ mic: 'on' }));
    await say({ t: 'gate', d: { source: 'hg-03/microphone', open: true, seq: 2 } });
    room.press('ok');
    await drawn();
    expect(at('[data-focus]').dataset.act).toBe('off');
    room.press('left');
    room.press('ok');
    expect(sent('floor.release')).toEqual({ floor: 'speech' });
  });

  it('waits while the microphone is being switched on', async () => {
    await enter(view({ mic: 'on' }));
    room.press('ok');
    expect(room.focus.value).toBe(-1);
  });

  it('does nothing on a key that can do nothing', async () => {
    await enter();
    room.press('up');
    room.press('right');
    room.press('ok');
    expect(sent('mic.on')).toBeUndefined();
    room.press('back');
    expect(room.focus.value).toBe(-1);
  });

  it('is also a slide clicker, and heeds no key held down or being composed', () => {
    const key = (init: KeyboardEventInit) => roomKey(new KeyboardEvent('keydown', init));
    expect(key({ code: 'PageDown' })).toBe('ok');
    expect(key({ code: 'PageUp' })).toBe('back');
    expect(key({ key: 'GoBack' })).toBe('back');
    expect(key({ code: 'Enter', repeat: true })).toBeUndefined();
    expect(key({ code: 'Enter', isComposing: true })).toBeUndefined();
    expect(key({ code: 'KeyA' })).toBeUndefined();
  });
});

describe('a link of somebody else', () => {
  it('is asked for no camera and shown no room, and a room is', async () => {
    const useDevices = vi.spyOn(room.capture, 'useDevices').mockResolvedValue();
    await show(<RoomScreen room={room} />, { you: { role: 'observer' } }, { ...view(), own: undefined });
    expect(useDevices).not.toHaveBeenCalled();
    expect(at('[data-testid="door"]').textContent).toContain('không dành cho trang này');
    room = new Room(ticket);
    const again = vi.spyOn(room.capture, 'useDevices').mockResolvedValue();
    await show(<RoomScreen room={room} />, { you: { role: 'room' } }, view());
    expect(again).toHaveBeenCalledTimes(1);
  });
});

describe('the loudspeaker', () => {
  it('is off with the test picture, and on again with the devices that come after it', async () => {
    vi.spyOn(room.capture, 'useTest').mockImplementation(() => {
      room.capture.test.value = true;
    });
    const useDevices = vi.spyOn(room.capture, 'useDevices').mockResolvedValue();
    await enter();
    room.useTest();
    expect(room.speakers.value).toBe(false);
    room.dialog.value = true;
    await drawn();
    const picker = at('[data-testid="pick-camera"]') as HTMLSelectElement;
    picker.value = '';
    picker.dispatchEvent(new Event('change'));
    expect(room.speakers.value).toBe(true);
    expect(useDevices).toHaveBeenLastCalledWith({ camera: '' });
  });

  it('that a person has switched off stays off when another camera is chosen', async () => {
    vi.spyOn(room.capture, 'useDevices').mockResolvedValue();
    await enter();
    room.speakers.value = false;
    room.useDevices({ camera: 'other' });
    expect(room.speakers.value).toBe(false);
  });
});

describe('the action bar', () => {
  it('lets the chair point switch on without an invitation', () => {
    const keys = actions(own({ chair: true }), 'off', 'none');
    expect(keys.map((k) => k.id)).toEqual(['on', 'share-ask', 'help']);
    expect(keys[0]?.enabled).toBe(true);
  });

  it('goes hollow where asking is closed, and moves no key', () => {
    const open = actions(own(), 'off', 'none');
    const shut = actions(own({ mayAsk: false }), 'off', 'none');
    expect(shut.map((k) => k.id)).toEqual(open.map((k) => k.id));
    expect(shut[0]?.enabled).toBe(false);
  });

  it('follows the presentation', () => {
    const id = (content: OwnView['content'], sharing: Sharing = 'none') =>
      actions(own({ content }), 'off', sharing)[2]?.id;
    expect([id('off'), id('asked'), id('on'), id('on', 'picture')]).toEqual([
      'share-ask',
      'share-withdraw',
      'share-start',
      'share-stop',
    ]);
  });

  it('has the sound of a presentation behind a key of its own, the last', () => {
    const key = (soundOff: boolean, sharing: Sharing) => actions(own({ content: 'on', soundOff }), 'off', sharing)[4];
    expect(actions(own({ content: 'on' }), 'off', 'none')).toHaveLength(4);
    expect(key(true, 'picture')).toMatchObject({ id: 'sound-on', enabled: false });
    expect(key(true, 'sound')).toMatchObject({ id: 'sound-on', enabled: true });
    expect(key(false, 'sound')).toMatchObject({ id: 'sound-off', enabled: true });
  });
});

describe('the picture', () => {
  const two = (a: string, b: string): View => ({
    picture: { layout: '1+1', tiles: [{ source: a }, { source: b }] },
    slots: { video: ['hg-01/camera', 'hg-02/camera'], voices: [] },
  });
  const live = async () => {
    for (const [slot, source] of ['hg-01/camera', 'hg-02/camera'].entries())
      await say({ t: 'slot.live', d: { slot, source, rtpTs: 1 } });
  };

  it('moves its videos and mounts none again', async () => {
    await enter({ ...view(), ...two('hg-01/camera', 'hg-02/camera') });
    await live();
    const before = [...document.querySelectorAll('video[data-slot]')];
    expect(before).toHaveLength(2);
    await say({ t: 'patch', seq: 2, d: two('hg-02/camera', 'hg-01/camera') });
    await say({ t: 'patch', seq: 3, d: { picture } });
    await say({ t: 'patch', seq: 4, d: two('hg-01/camera', 'hg-02/camera') });
    expect([...document.querySelectorAll('video[data-slot]')]).toEqual(before);
  });

  it('shows one source in two tiles with two elements', async () => {
    await enter({ ...view(), ...two('hg-01/camera', 'hg-01/camera') });
    await live();
    const shownIn = [...document.querySelectorAll<HTMLVideoElement>('.picture video:not(.away)')];
    expect(shownIn).toHaveLength(2);
  });

  it('captions what the slot still shows', async () => {
    await enter({ ...view(), ...two('hg-01/camera', 'hg-02/camera') });
    await say({ t: 'slot.live', d: { slot: 0, source: 'hg-09/camera', rtpTs: 1 } });
    expect(at('[data-index="0"]').dataset.source).toBe('hg-09/camera');
    await live();
    expect(at('[data-index="0"]').dataset.source).toBe('hg-01/camera');
  });
});

describe('a late frame', () => {
  it('leaves its picture without a name until it comes, in both tiles', async () => {
    const source = { picture: { layout: '1+1', tiles: [{ source: 'hg-01/camera', name: 'UBND tỉnh' }] } } as View;
    source.picture?.tiles.push({ source: 'hg-01/camera', name: 'UBND tỉnh' });
    await enter({ ...view(), ...source });
    await say({ t: 'slot.live', d: { slot: 0, source: 'hg-09/camera', rtpTs: 1 } });
    const frames: ((now: number, m: object) => void)[] = [];
    for (const video of document.querySelectorAll('video:not(.away)'))
      Object.assign(video, { requestVideoFrameCallback: (f: (typeof frames)[0]) => frames.push(f) });
    const sources = () => [...document.querySelectorAll<HTMLElement>('.tile')].map((tile) => tile.dataset.source);
    const names = () => document.querySelectorAll('.tile .name').length;

    await say({ t: 'slot.live', d: { slot: 0, source: 'hg-01/camera', rtpTs: 9 } });
    expect(frames).toHaveLength(2);
    await vi.waitFor(() => expect(sources()).toEqual(['', '']), { timeout: 5000 });
    expect(names()).toBe(0);
    expect(document.querySelectorAll('video[data-slot="0"]:not(.away)')).toHaveLength(2);
    frames[0]?.(0, { rtpTimestamp: 9 });
    await drawn();
    expect(names()).toBe(0);
    frames[1]?.(0, { rtpTimestamp: 9 });
    await drawn();
    expect(sources()).toEqual(['hg-01/camera', 'hg-01/camera']);
    expect(names()).toBe(2);
  });
});

describe('without a meeting', () => {
  it('says what comes', async () => {
    await enter({ idle: { nextTitle: 'Giao ban tháng 12', nextAtMs: Date.now() + 3_600_000 } });
    expect(at('[data-testid="waiting"]').textContent).toContain('Giao ban tháng 12');
  });

  it('asks for a point that is in use elsewhere', async () => {
    await enter({ idle: { inUse: true } });
    at('[data-act="takeover"]').click();
    expect(sent('point.askTakeover')).toEqual({ point: 'hg-03', device: 'D' });
    await say({ t: 'view', seq: 2, d: { idle: { inUse: true, asked: true } } });
    expect(at('[data-testid="waiting"]').textContent).toContain('Đã gửi yêu cầu');
  });

  it('says why the meeting does not take it in yet', async () => {
    await enter({ idle: { why: 'meeting.locked', nextTitle: 'Giao ban tháng 12' } });
    const said = at('[data-testid="waiting"]').textContent;
    expect(said).toContain('Giao ban tháng 12');
    expect(said).toContain('Cuộc họp đã khóa');
  });

  it('says that the meeting has ended', async () => {
    await enter({ ...view(), meeting: { ...(open.meeting as NonNullable<View['meeting']>), status: 'ended' } });
    expect(at('[data-testid="waiting"]').dataset.state).toBe('ended');
  });

  it('says that the code is no longer valid, and stops', async () => {
    await enter();
    await say({ t: 'error', d: { code: 'token.invalid', closed: true } });
    expect(at('[data-testid="door"]').textContent).toContain('Mã truy cập không còn hiệu lực');
  });
});

describe('the level meter', () => {
  it('has no bar in silence and five for a loud voice', () => {
    expect([barsOf(0), barsOf(0.002), barsOf(0.02), barsOf(0.3)]).toEqual([0, 1, 3, 5]);
  });
});

describe('for everyone', () => {
  it('has nothing axe calls serious', async () => {
    await enter(view({ mic: 'invited' }));
    room.raise();
    await drawn();
    expect(await serious()).toEqual([]);
  });
});
