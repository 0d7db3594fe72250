// The relay source's page, for the technician who sets it up.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/i18n';
import { Picker } from '../room/Devices';
import { MeterBars } from '../room/Plate';
import { Door, LangSwitch, shutWords } from '../ui/Door';
import { Down } from '../ui/Down';
import type { Relay } from './relay';

/** RelayScreen shows what is sent, and lets the devices be chosen. */
export function RelayScreen({ relay }: { relay: Relay }) {
  const { page, capture } = relay;
  if (page.shut.value) return <Door words={shutWords(page.shut.value)} />;
  const { own, plate } = page.state;
  const trouble = capture.trouble.value;
  const choose = (chosen: { camera?: string; microphone?: string }) => void capture.useDevices(chosen);
  return (
    <main class="relay" data-testid="relay" data-mic={plate.value}>
      <Down page={page} />
      <header>
        <h1>
          {t('relay.title')} <small>{own.value?.name}</small>
        </h1>
        <LangSwitch />
      </header>
      <Preview relay={relay} />
      <p>{t('relay.hint')}</p>
      <Picker capture={capture} kind="camera" choose={choose} />
      <Picker capture={capture} kind="microphone" choose={choose} />
      <div class="line">
        <span>{t('dev.level')}</span>
        <MeterBars bars={relay.level.bars.value} />
      </div>
      {trouble && <p class="trouble">{t(`trouble.${trouble}`)}</p>}
      <p class="sending" role="status" data-state={plate.value}>
        {t(page.media.value === 'up' ? 'relay.sending' : 'relay.waiting')}
        {plate.value === 'on' ? ` · ${t('mic.on')}` : ''}
      </p>
      {(plate.value === 'invited' || plate.value === 'back') && (
        <button type="button" class="key go" data-act="on" onClick={() => relay.on()}>
          {t('act.on')}
        </button>
      )}
    </main>
  );
}

function Preview({ relay }: { relay: Relay }) {
  const video = useRef<HTMLVideoElement>(null);
  const picture = relay.capture.picture.value;
  useEffect(() => {
    if (!video.current) return;
    video.current.srcObject = picture;
    if (picture) video.current.play().catch(() => undefined);
  }, [picture]);
  return <video ref={video} muted playsInline autoplay />;
}
