// A wall: the picture, nothing else. It is captured, or hung before an
// audience, so there is no control on it and no pointer.
import { useComputed } from '@preact/signals';
import { clock } from '../i18n/clock';
import { t } from '../i18n/i18n';
import type { Page } from '../page/page';
import { shown } from '../state/shown';
import { Door, shutWords } from '../ui/Door';
import { Icon } from '../ui/icons';
import { Picture } from '../ui/Picture';
import { SoundBlocked } from '../ui/SoundBlocked';
import { useScale } from '../ui/scale';
import { Voices } from '../ui/Voices';
import type { Wish } from './wall';

/** WallScreen shows what the wall was asked for. */
export function WallScreen({ page, wish }: { page: Page; wish: Wish }) {
  const { state } = page;
  const scale = useScale();
  const tiles = useComputed(() => shown(state.picture.value?.tiles ?? [], state.slots.value, state.live.value));
  if (page.shut.value) return <Door words={shutWords(page.shut.value)} />;
  const meeting = state.meeting.value;
  const down = page.downSince.value > 0;
  const { width, height, by } = scale.value;
  return (
    <main
      class="stage wall"
      data-testid="wall"
      data-captions={wish.captions ? '' : undefined}
      style={{ width: `${width}px`, height: `${height}px`, transform: `scale(${by})` }}
    >
      <div class={down ? 'during dim' : 'during'} hidden={!state.picture.value}>
        <Picture
          name="picture"
          layout={state.picture.value?.layout ?? '1'}
          tiles={tiles.value}
          streams={page.video.value}
          chairPoint={meeting?.chairPoint}
        />
      </div>
      {state.picture.value ? <h1 class="unseen">{meeting?.title}</h1> : <Quiet page={page} />}
      {state.banners.value[0] && <p class="banner">{state.banners.value[0].text}</p>}
      {down && (
        <p class="gone" role="status" data-testid="lost">
          <Icon name="lost" />
          {t('lost.since', { time: clock(page.downSince.value) })}
        </p>
      )}
      <Voices streams={page.voices.value} muted={!wish.sound} />
      {wish.sound && <SoundBlocked />}
    </main>
  );
}

function Quiet({ page }: { page: Page }) {
  const title = page.state.idle.value?.nextTitle ?? page.state.meeting.value?.title;
  return (
    <section class="quiet">
      <h1>{title || t('idle.none')}</h1>
      <p class="num">{clock(page.now.value)}</p>
    </section>
  );
}
