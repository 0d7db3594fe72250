// The room's screen: one picture, full, with three marks on it.
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { shown } from '../state/shown';
import { Door, shutWords } from '../ui/Door';
import { Picture } from '../ui/Picture';
import { SoundBlocked } from '../ui/SoundBlocked';
import { useScale } from '../ui/scale';
import { Voices } from '../ui/Voices';
import { Devices } from './Devices';
import { ActionBar, Banner, Lost, Marks, skewWords } from './Marks';
import { PanelView } from './PanelView';
import type { Room } from './room';
import { Waiting } from './Waiting';

/** RoomScreen shows the room what it is in: a meeting, or the wait for one. */
export function RoomScreen({ room }: { room: Room }) {
  const { page } = room;
  const scale = useScale();
  const pointer = usePointer(() => room.moved());
  if (page.shut.value) return <Door words={shutWords(page.shut.value)} />;
  const meeting = room.stage.value === 'during';
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
      {!meeting && room.plate.value !== 'off' && <Marks room={room} />}
      {!meeting && <Skew room={room} />}
      {meeting && <Meeting room={room} />}
      <Voices streams={page.voices.value} muted={!room.speakers.value} />
      <PanelView panel={room.panel} />
      {room.dialog.value && <Devices room={room} />}
      {room.speakers.value && <SoundBlocked press={() => room.wake()} />}
    </main>
  );
}

function Meeting({ room }: { room: Room }) {
  return (
    <>
      <h1 class="unseen">{room.page.state.meeting.value?.title}</h1>
      {room.plate.value === 'on' && (
        <div class={room.left.value.kind === 'count' ? 'ring ending' : 'ring'} data-testid="ring" />
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the whole picture answers the mouse as it answers the remote */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys are the remote's, for the whole page */}
      <div class="touch" onClick={() => (room.focus.value < 0 ? room.wake() || room.raise() : room.press('back'))} />
      <Lost room={room} />
      <Banner room={room} />
      <ActionBar room={room} />
      <Marks room={room} />
    </>
  );
}

/** Before a meeting a wrong clock has its own line; during one it is a passing notice. */
function Skew({ room }: { room: Room }) {
  const words = skewWords(room.page.skew.value);
  return words ? (
    <p class="skew" role="status" data-testid="skew">
      {words}
    </p>
  ) : null;
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
      most={room.most.value}
      chairPoint={state.meeting.value?.chairPoint}
    />
  );
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
