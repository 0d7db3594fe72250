// One tile's marks over its video: caption, speaking lamp, note, frame.
import { t } from '../i18n/i18n';
import type { Shown } from '../state/shown';
import type { LayoutKind } from '../wire';
import { Lamp } from './icons';

interface Props {
  index: number;
  layout: LayoutKind;
  shown: Shown;
  caption?: { name: string; parent: string };
  chair: boolean;
  foot?: preact.ComponentChildren;
  /** How many pictures the machine shows, if that is too few for this layout. */
  dropped?: number;
  chosen: boolean;
  onChoose?: (index: number) => void;
}

/** Tiles that touch the left or upper edge of a television keep their marks inside the safe area. */
const edges: Record<LayoutKind, { left: number[]; top: number[] }> = {
  '1': { left: [0], top: [0] },
  '1+1': { left: [0], top: [] },
  '2x2': { left: [0, 2], top: [0, 1] },
  '3x3': { left: [0, 3, 6], top: [0, 1, 2] },
  '1+5': { left: [0, 3], top: [0, 1] },
  'content+1': { left: [0], top: [0] },
  '1+7': { left: [0, 4], top: [0, 1] },
  '1+12': { left: [0, 5, 9], top: [0, 1, 2] },
  '4x4': { left: [0, 4, 8, 12], top: [0, 1, 2, 3] },
  '5x5': { left: [0, 5, 10, 15, 20], top: [0, 1, 2, 3, 4] },
  'content+strip': { left: [0, 1], top: [0] },
};

/** Tile draws what stands over and instead of a video. */
export function Tile({ index, layout, shown, caption, chair, foot, dropped, chosen, onChoose }: Props) {
  const { tile, source, video } = shown;
  const edge = edges[layout];
  const name = source === tile.source ? tile.name : caption?.name;
  const parent = (source === tile.source ? tile.parent : caption?.parent) ?? '';
  const note = dropped && video.kind === 'none' && !tile.note ? t('tile.dropped', { n: dropped }) : noteOf(shown);
  const props = {
    class: 'tile',
    style: { gridArea: `t${index}` },
    'data-testid': 'tile',
    'data-index': index,
    'data-source': source,
    'data-note': tile.note ?? '',
    'data-video': video.kind,
    'data-chair': chair ? '' : undefined,
    'data-on': tile.mic === 'on' ? '' : undefined,
    'data-left': edge.left.includes(index) ? '' : undefined,
    'data-top': edge.top.includes(index) ? '' : undefined,
    'data-chosen': chosen ? '' : undefined,
  };
  const marks = (
    <>
      {note && <span class="note">{note}</span>}
      {name && (
        <span class="name">
          <b>
            {tile.mic === 'on' && <Lamp is="air" />}
            {chair ? t('chair.point') : name}
          </b>
          <small>{beside(source, { own: tile.own, chair, name, parent })}</small>
          {tile.sim && <small class="sim">{t('tile.sim')}</small>}
        </span>
      )}
      {foot}
    </>
  );
  if (!onChoose) return <div {...props}>{marks}</div>;
  return (
    <button type="button" {...props} draggable aria-pressed={chosen} onClick={() => onChoose(index)}>
      {marks}
    </button>
  );
}

/** What stands beside the name: what kind of picture it is, or whose. */
function beside(
  source: string,
  { own, chair, name, parent }: { own?: boolean; chair: boolean; name: string; parent: string },
) {
  if (source.endsWith('/content')) return t('tile.content');
  if (own) return t('tile.self');
  return chair ? name : parent;
}

function noteOf({ tile, video }: Shown): string {
  const { note } = tile;
  if (
    note === 'absent' ||
    note === 'lost' ||
    note === 'camera-off' ||
    note === 'codec' ||
    note === 'weak' ||
    note === 'unbegun'
  )
    return t(`tile.${note}`);
  return tile.source && video.kind === 'none' ? t('tile.wait') : '';
}
