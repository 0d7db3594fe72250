// The settings of a room's machine: which devices are fixed, what the
// microphone goes through, where the sound comes out. Its keys are a remote's:
// up and down move, left and right change, OK presses, Back closes.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/i18n';
import { LangSwitch } from '../ui/Door';
import { setSink, sink } from '../ui/Voices';
import type { Capture } from './capture';
import { kindOf, type Processing, processing, setProcessing } from './devices';
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
  const choose = (chosen: { camera?: string; microphone?: string }) => room.useDevices(chosen);
  const test = () => room.useTest();
  return (
    <dialog
      ref={dialog}
      class="devices"
      data-testid="devices"
      onClose={close}
      onKeyDown={walk}
      aria-labelledby="devices-title"
    >
      <h2 id="devices-title">{t('dev.title')}</h2>
      <Picker capture={capture} kind="camera" choose={choose} test={test} />
      <Picker capture={capture} kind="microphone" choose={choose} test={test} />
      <Output capture={capture} />
      <div class="line">
        <span>{t('dev.level')}</span>
        <Meter room={room} />
      </div>
      <Processed room={room} />
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

/** walk moves between the controls with the arrows that go up and down. */
function walk(e: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = e.code === 'ArrowDown' ? 1 : e.code === 'ArrowUp' ? -1 : 0;
  if (!step) return;
  const all = [...e.currentTarget.querySelectorAll<HTMLElement>('select, button')];
  const at = all.indexOf(document.activeElement as HTMLElement);
  all[(at + step + all.length) % all.length]?.focus();
  e.preventDefault();
}

/** The value of the choice that is no device. */
const testChoice = 'test';

interface PickerProps {
  capture: Capture;
  kind: 'camera' | 'microphone';
  choose: (chosen: { camera?: string; microphone?: string }) => void;
  /** Shows the test picture; left out, there is none to choose. */
  test?: () => void;
}

/** Picker fixes a device. */
export function Picker({ capture, kind, choose, test }: PickerProps) {
  const found = capture.devices.value.filter((d) => d.kind === kindOf[kind]);
  const current = capture[kind].value?.getSettings().deviceId;
  return (
    <label class="line">
      <span>{t(kind === 'camera' ? 'dev.camera' : 'dev.microphone')}</span>
      <select
        data-testid={`pick-${kind}`}
        value={capture.test.value ? testChoice : current}
        onChange={(e) => {
          const { value } = e.currentTarget;
          if (value === testChoice) test?.();
          else choose({ [kind]: value });
        }}
      >
        {capture.test.value && <option value="">{t('trouble.devices')}</option>}
        {found.map((d, i) => (
          <option key={d.deviceId} value={d.deviceId}>
            {d.label || t('dev.default', { n: i + 1 })}
          </option>
        ))}
        {test && <option value={testChoice}>{t('dev.test')}</option>}
      </select>
    </label>
  );
}

/** Output fixes where the sound comes out, where a browser lets it be chosen. */
function Output({ capture }: { capture: Capture }) {
  const found = capture.devices.value.filter((d) => d.kind === 'audiooutput');
  if (!('setSinkId' in HTMLMediaElement.prototype) || found.length < 2) return null;
  return (
    <label class="line">
      <span>{t('dev.output')}</span>
      <select data-testid="pick-output" value={sink()} onChange={(e) => setSink(e.currentTarget.value)}>
        {found.map((d, i) => (
          <option key={d.deviceId} value={d.deviceId}>
            {d.label || t('dev.default', { n: i + 1 })}
          </option>
        ))}
      </select>
    </label>
  );
}

const switches = [
  ['echoCancellation', 'dev.echo'],
  ['noiseSuppression', 'dev.noise'],
  ['autoGainControl', 'dev.gain'],
] as const;

/** A room with a mixer and a canceller of its own wants none of the browser's. */
function Processed({ room }: { room: Room }) {
  const now = useSignal<Processing>(processing());
  return (
    <>
      {switches.map(([name, words]) => (
        <Toggle
          key={name}
          act={name}
          label={t(words)}
          on={now.value[name]}
          words={[t('dev.on'), t('dev.off')]}
          flip={() => {
            now.value = { ...now.value, [name]: !now.value[name] };
            setProcessing(now.value);
            if (!room.capture.test.value) room.useDevices();
          }}
        />
      ))}
    </>
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
      <button
        type="button"
        class="key"
        data-act={act}
        data-state={on ? 'on' : 'off'}
        aria-label={`${label}: ${on ? words[0] : words[1]}`}
        onClick={flip}
      >
        {on ? words[0] : words[1]}
      </button>
    </div>
  );
}
