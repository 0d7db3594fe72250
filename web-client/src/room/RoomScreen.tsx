// The room's screen: one picture, full, with three marks on it.
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n/i18n';
import { shown } from '../state/shown';
import { Door, shutWords } from '../ui/Door';
import { Picture } from '../ui/Picture';
import { blocked, Voices } from '../ui/Voices';
import { Devices } from './Devices';
import { ActionBar, Lost, Marks } from './Marks';
import type { Room } from './room';
import { Waiting } from './Waiting';

/** RoomScreen shows the room what it is in: a meeting, or the wait for one. */
export function RoomScreen({ room }: { room: Room }) {
  const { page } = room;
  const scale = useScale();
  const pointer = usePointer(() => room.moved());
  if (page.shut.value) return <Door words={shutWords(page.shut.value)} />;
  const meeting = page.state.meeting.value?.status === 'open' && page.state.picture.value !== null;
  const { width, height, by } = scale.value;
  return (
    <main
      class="stage"
      data-testid="room"
      data-mic={room.plate.value}
      data-view={meeting ? 'meeting' : 'waiting'}
      data-pointer={pointer.value ? '' : undefined}
      style={{ width: `${width}px`, height: `${height}px`, transform: `scale(${by})` }}
    >
      <div class={room.down.value ? 'during dim' : 'during'} hidden={!meeting}>
        <Tiles room={room} />
      </div>
      {!meeting && <Waiting room={room} />}
      {meeting && <Meeting room={room} />}
      <Voices streams={page.voices.value} muted={!room.speakers.value} />
      {room.dialog.value && <Devices room={room} />}
      <SoundBlocked room={room} />
    </main>
  );
}

function Meeting({ room }: { room: Room }) {
  return (
    <>
      {room.plate.value === 'on' && <div class="ring" data-testid="ring" />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the whole picture answers the mouse as it answers the remote */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys are the remote's, for the whole page */}
      <div class="touch" onClick={() => (room.focus.value < 0 ? room.wake() || room.raise() : room.press('back'))} />
      <Lost room={room} />
      <ActionBar room={room} />
      <Marks room={room} />
    </>
  );
}

function Tiles({ room }: { room: Room }) {
  const { state, video } = room.page;
  const tiles = useComputed(() => {
    const own = room.share.picture.value ? `${state.own.value?.point}/content` : '';
    return shown(state.picture.value?.tiles ?? [], state.slots.value, state.live.value, own);
  });
  return (
    <Picture
      name="picture"
      layout={state.picture.value?.layout ?? '1'}
      tiles={tiles.value}
      streams={video.value}
      own={room.capture.picture.value}
      shared={room.share.picture.value}
      chairPoint={state.meeting.value?.chairPoint}
    />
  );
}

function SoundBlocked({ room }: { room: Room }) {
  if (!blocked.value || !room.speakers.value) return null;
  return (
    <button type="button" class="blocked" data-testid="sound-blocked" onClick={() => room.wake()}>
      <b>{t('sound.blocked')}</b>
      <span>{t('sound.why')}</span>
    </button>
  );
}

/** The screen is drawn for a television 1920 wide and scaled to whatever it is shown on. */
function useScale() {
  const scale = useSignal(scaleNow());
  useEffect(() => {
    const resize = () => {
      scale.value = scaleNow();
    };
    addEventListener('resize', resize);
    return () => removeEventListener('resize', resize);
  }, [scale]);
  return scale;
}

function scaleNow() {
  const by = Math.min(innerWidth / 1920, innerHeight / 1080) || 1;
  return { by, width: innerWidth / by, height: innerHeight / by };
}

/** A mouse shows its pointer while it moves. */
function usePointer(moved: () => void) {
  const moving = useSignal(0);
  useEffect(() => {
    const move = (e: PointerEvent) => {
      // A page that changes under a resting mouse is not a movement.
      if (!e.movementX && !e.movementY) return;
      moving.value = Date.now();
      moved();
    };
    addEventListener('pointermove', move);
    return () => removeEventListener('pointermove', move);
  }, [moving, moved]);
  useSignalEffect(() => {
    if (!moving.value) return;
    const timer = setTimeout(() => {
      moving.value = 0;
    }, 3000);
    return () => clearTimeout(timer);
  });
  return moving;
}
