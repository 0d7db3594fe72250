// Camera, microphone and loudspeaker of the room: the one dialog of its screen.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/i18n';
import { LangSwitch } from '../ui/Door';
import { Meter } from './Plate';
import type { Room } from './room';

/** Devices chooses what the room sends and whether it plays sound. */
export function Devices({ room }: { room: Room }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const { capture, page, speakers } = room;
  const off = page.state.own.value?.cameraOff === true;
  const close = () => {
    room.dialog.value = false;
  };
  return (
    <dialog ref={dialog} class="devices" data-testid="devices" onClose={close} aria-labelledby="devices-title">
      <h2 id="devices-title">{t('dev.title')}</h2>
      <Picker room={room} kind="camera" />
      <Picker room={room} kind="microphone" />
      <div class="line">
        <span>{t('dev.level')}</span>
        <Meter room={room} />
      </div>
      <Toggle
        act="camera"
        label={t('dev.camera')}
        on={!off}
        words={[t('dev.cameraOn'), t('dev.cameraOff')]}
        flip={() => void page.act('camera.set', { on: off })}
      />
      <Toggle
        act="speakers"
        label={t('dev.speaker')}
        on={speakers.value}
        words={[t('dev.speaker.on'), t('dev.speaker.off')]}
        flip={() => {
          speakers.value = !speakers.value;
          room.wake();
        }}
      />
      {capture.trouble.value && <p class="trouble">{t(`trouble.${capture.trouble.value}`)}</p>}
      <div class="line">
        <LangSwitch />
        <button type="button" class="key go" data-act="close" onClick={close}>
          {t('dev.close')}
        </button>
      </div>
    </dialog>
  );
}

const inputs = { camera: 'videoinput', microphone: 'audioinput' } as const;
/** The value of the choice that is no device. */
const testChoice = 'test';

function Picker({ room, kind }: { room: Room; kind: 'camera' | 'microphone' }) {
  const { capture } = room;
  const found = capture.devices.value.filter((d) => d.kind === inputs[kind]);
  const current = capture[kind].value?.getSettings().deviceId;
  const choose = (value: string) => {
    if (value === testChoice) room.useTest();
    else room.useDevices({ [kind]: value });
  };
  return (
    <label class="line">
      <span>{t(kind === 'camera' ? 'dev.camera' : 'dev.microphone')}</span>
      <select
        data-testid={`pick-${kind}`}
        value={capture.test.value ? testChoice : current}
        onChange={(e) => choose(e.currentTarget.value)}
      >
        {capture.test.value && <option value="">{t('trouble.devices')}</option>}
        {found.map((d, i) => (
          <option key={d.deviceId} value={d.deviceId}>
            {d.label || t('dev.default', { n: i + 1 })}
          </option>
        ))}
        <option value={testChoice}>{t('dev.test')}</option>
      </select>
    </label>
  );
}

interface ToggleProps {
  act: string;
  label: string;
  on: boolean;
  words: [string, string];
  flip: () => void;
}

function Toggle({ act, label, on, words, flip }: ToggleProps) {
  return (
    <div class="line">
      <span>{label}</span>
      <button type="button" class="key" data-act={act} data-state={on ? 'on' : 'off'} onClick={flip}>
        {on ? words[0] : words[1]}
      </button>
    </div>
  );
}
