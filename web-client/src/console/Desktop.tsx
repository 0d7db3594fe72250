// The keys under the monitors: layouts, what the chosen tile shows, take.
import { t } from '../i18n/i18n';
import { type BindingKind, type LayoutKind, layoutKinds } from '../wire';
import type { Desk } from './desk';

/** LayoutKeys are the six arrangements, undo and take. */
export function LayoutKeys({ desk }: { desk: Desk }) {
  return (
    <section class="p desk">
      <div class="lkeys" role="group" aria-label={t('layout.label')}>
        {offered.map((kind, i) => (
          <button
            type="button"
            key={kind}
            class={`key ${keyTally(desk, kind)}`}
            data-act={`layout-${kind}`}
            data-tally
            aria-pressed={desk.preview.value.kind === kind}
            onClick={() => desk.arrange(kind)}
          >
            <span class="cap">⇧{i + 1}</span>
            <Thumb kind={kind} />
            {t(`layout.${kind}`)}
          </button>
        ))}
      </div>
      <div class="take">
        <button type="button" class="key" data-act="undo" disabled={!desk.undoable.value} onClick={() => desk.undo()}>
          {t('con.undo')}
          <span class="cap">Ctrl Z</span>
        </button>
        <button
          type="button"
          class="key go"
          data-act="take"
          disabled={!desk.differs.value}
          onClick={() => void desk.take()}
        >
          {t('con.take')}
          <span class="cap">Space</span>
        </button>
      </div>
      <BindingKeys desk={desk} />
    </section>
  );
}

function keyTally(desk: Desk, kind: LayoutKind): string {
  const on = desk.preview.value.kind === kind ? 'on is-grant' : '';
  return desk.program.value.kind === kind ? `${on} is-air` : on;
}

const kinds: BindingKind[] = ['speaker', 'chair', 'content', 'blank'];
const words = {
  speaker: 'con.bind.speaker',
  chair: 'con.bind.chair',
  content: 'con.bind.content',
  blank: 'con.bind.blank',
} as const;

function BindingKeys({ desk }: { desk: Desk }) {
  const at = desk.preview.value.tiles[desk.tile.value];
  const target = desk.target.value;
  const row = target && desk.page.state.row(target.point).value;
  return (
    <div class="binds" role="group" aria-label={t('con.bind.label', { n: desk.tile.value + 1 })}>
      <span class="q">{t('con.tile', { n: desk.tile.value + 1 })}:</span>
      {kinds.map((kind) => (
        <button
          type="button"
          key={kind}
          class={`key ${at?.kind === kind ? 'on' : ''}`}
          data-act={`bind-${kind}`}
          aria-pressed={at?.kind === kind}
          onClick={() => desk.put({ kind })}
        >
          {t(words[kind as keyof typeof words])}
        </button>
      ))}
      <button
        type="button"
        class={`key ${at?.kind === 'point' && at.point === row?.id ? 'on' : ''}`}
        data-act="bind-point"
        disabled={!row}
        onClick={() => row && desk.put({ kind: 'point', point: row.id })}
      >
        {row ? row.name : t('con.aud.none')}
      </button>
      <span class="q hint">
        <span class="cap">0–9 ⏎</span> {t('con.key.number')}
      </span>
    </div>
  );
}

/** The arrangements with a button and a key; the others come by command. */
const offered = layoutKinds.slice(0, 6);

/** Where each arrangement's tiles lie on a screen of 12 by 12. */
const thumbs: Record<LayoutKind, [number, number, number, number][]> = {
  '1': [[0, 0, 12, 12]],
  '1+1': [
    [0, 3, 6, 6],
    [6, 3, 6, 6],
  ],
  '2x2': cells(2),
  '3x3': cells(3),
  '1+5': [[0, 0, 8, 8], ...cells(3).filter(([x, y]) => x === 8 || y === 8)],
  'content+1': [
    [0, 0, 9, 10],
    [9, 0, 3, 3],
  ],
  '1+7': [[0, 0, 9, 9], ...cells(4).filter(([x, y]) => x === 9 || y === 9)],
  '1+12': [[0, 0, 6, 6], ...cells(4).filter(([x, y]) => x >= 6 || y >= 6)],
  '4x4': cells(4),
  '5x5': cells(5),
  'content+strip': [[0, 0, 12, 9.6], ...cells(5).slice(20)],
};

function cells(n: number): [number, number, number, number][] {
  const size = 12 / n;
  return Array.from({ length: n * n }, (_, i) => [(i % n) * size, Math.floor(i / n) * size, size, size]);
}

function Thumb({ kind }: { kind: LayoutKind }) {
  return (
    <svg class="thumb" viewBox="0 0 54 32" aria-hidden="true">
      {thumbs[kind].map(([x, y, w, h], i) => (
        <rect
          key={`${x} ${y}`}
          x={x * 4.5 + 1}
          y={(y * 32) / 12 + 1}
          width={w * 4.5 - 2}
          height={(h * 32) / 12 - 2}
          fill={i === 0 ? '#f3f5f2' : '#8f9692'}
        />
      ))}
    </svg>
  );
}
