// The keys under the monitors: layouts, undo, take, what the chosen tile shows.
import { useComputed } from '@preact/signals';
import { t } from '../i18n/i18n';
import type { BindingKind, LayoutKind } from '../wire';
import type { Desk } from './desk';
import { offered } from './keys';
import { Thumb } from './Thumb';

/** LayoutKeys are the eleven arrangements, the saved ones, undo and take. */
export function LayoutKeys({ desk }: { desk: Desk }) {
  const { mixer } = desk;
  return (
    <section class="p desk" aria-label={t('layout.label')}>
      <div class="lkeys" role="group" aria-label={t('layout.label')}>
        {offered.map((kind, i) => (
          <LayoutKey key={kind} desk={desk} kind={kind} cap={i < 9 ? `⇧${i + 1}` : ''} />
        ))}
        <button type="button" class="key" data-act="saved" onClick={() => desk.open('saved')}>
          <span class="cap">L</span>
          <Thumb kind="2x2" />
          <span>{t('desk.saved')}</span>
        </button>
        <button type="button" class="key narrow" data-act="rotation" onClick={() => desk.open('rotation')}>
          <span class="cap">⇧P</span>
          <Thumb kind="1" />
          <span>{t('desk.rotation')}</span>
        </button>
      </div>
      <div class="take">
        <button type="button" class="key" data-act="undo" disabled={!mixer.undoable.value} onClick={() => mixer.undo()}>
          {t('con.undo')}
          <span class="cap">Ctrl Z</span>
        </button>
        <button
          type="button"
          class="key go"
          data-act="take"
          disabled={!mixer.differs.value}
          onClick={() => void mixer.take()}
        >
          {t('con.take')}
          <span class="cap">Space</span>
        </button>
      </div>
      <BindingKeys desk={desk} />
    </section>
  );
}

function LayoutKey({ desk, kind, cap }: { desk: Desk; kind: LayoutKind; cap: string }) {
  const { mixer, page } = desk;
  const ready = useComputed(() => mixer.preview.value.kind === kind);
  const out = useComputed(() => mixer.program.value.kind === kind);
  const few = useComputed(() => page.state.capacity.value.find((c) => c.layout === kind)?.rooms ?? 0);
  const tally = `${ready.value ? 'on is-grant' : ''} ${out.value ? 'is-air' : ''}`;
  return (
    <button
      type="button"
      class={`key ${tally}`}
      data-act={`layout-${kind}`}
      data-tally
      aria-pressed={ready.value}
      title={few.value ? t('desk.capacity', { n: few.value }) : undefined}
      onClick={() => mixer.arrange(kind)}
    >
      <span class="cap">{cap}</span>
      {few.value > 0 && <span class="few num">−{few.value}</span>}
      <Thumb kind={kind} />
      <span>{t(`layout.${kind}`)}</span>
    </button>
  );
}

const kinds: BindingKind[] = ['speaker', 'chair', 'content', 'previous', 'rotation', 'blank'];
const words = {
  speaker: 'con.bind.speaker',
  chair: 'con.bind.chair',
  content: 'con.bind.content',
  previous: 'con.bind.previous',
  rotation: 'con.bind.rotation',
  blank: 'con.bind.blank',
} as const;

function BindingKeys({ desk }: { desk: Desk }) {
  const { mixer } = desk;
  const at = mixer.preview.value.tiles[mixer.tile.value];
  const row = desk.row.value;
  return (
    <div class="binds" role="group" aria-label={t('con.bind.label', { n: mixer.tile.value + 1 })}>
      <span class="q">{t('con.tile', { n: mixer.tile.value + 1 })}</span>
      {kinds.map((kind) => (
        <button
          type="button"
          key={kind}
          class={`key ${at?.kind === kind ? 'on' : ''}`}
          data-act={`bind-${kind}`}
          aria-pressed={at?.kind === kind}
          onClick={() => mixer.put({ kind })}
        >
          {t(words[kind as keyof typeof words])}
        </button>
      ))}
      <button
        type="button"
        class={`key ${at?.kind === 'point' && at.point === row?.id ? 'on' : ''}`}
        data-act="bind-point"
        disabled={!row}
        onClick={() => row && mixer.put({ kind: 'point', point: row.id })}
      >
        {row ? row.name : t('con.aud.none')}
      </button>
      <span class="q hint">
        <span class="cap">0–9 ⏎</span> {t('con.key.number')}
      </span>
    </div>
  );
}
