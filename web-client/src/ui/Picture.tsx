// A picture of tiles. Each slot's <video> is made once, on its first use, and
// afterwards only moved by its grid area: it is never mounted again, so a new
// layout costs no flicker and no keyframe. A source shown in two tiles gets a
// second element on the same stream.
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Shown } from '../state/shown';
import type { LayoutKind } from '../wire';
import { Tile } from './Tile';

interface Props {
  name: string;
  layout: LayoutKind;
  tiles: Shown[];
  /** Streams of the video slots, in their order. */
  streams: MediaStream[];
  /** The own camera's stream, and the own presentation's. */
  own?: MediaStream | null;
  shared?: MediaStream | null;
  chairPoint?: string;
  /** How many pictures this machine shows; the tiles beyond say so. */
  most?: number;
  /** A tile's mark at the bottom, such as its number and binding. */
  foot?: (index: number) => preact.ComponentChildren;
  chosen?: number;
  onTile?: (index: number) => void;
}

interface Caption {
  name: string;
  parent: string;
}

/** Picture draws the tiles of one layout. */
export function Picture(props: Props) {
  const { layout, tiles } = props;
  const made = useRef<string[]>([]);
  const captions = useRef(new Map<string, Caption>());
  for (const { tile } of tiles)
    if (tile.source && tile.name) captions.current.set(tile.source, { name: tile.name, parent: tile.parent ?? '' });

  const sources = new Set(tiles.filter(({ tile }) => tile.source && !tile.own).map(({ tile }) => tile.source));
  const over = props.most !== undefined && sources.size > props.most;
  const places = new Map<string, number>();
  tiles.forEach((shown, index) => {
    const key = keyOf(shown);
    if (key) places.set(free(key, places), index);
  });
  for (const key of places.keys()) if (!made.current.includes(key)) made.current.push(key);

  return (
    <div class="picture" data-testid={props.name} data-layout={layout}>
      {made.current.map((key) => (
        <Video key={key} id={key} stream={streamOf(key, props)} at={places.get(key)} />
      ))}
      {tiles.map((shown, index) => (
        <Tile
          key={index}
          index={index}
          layout={layout}
          shown={shown}
          caption={captions.current.get(shown.source)}
          chair={props.chairPoint !== undefined && shown.source === `${props.chairPoint}/camera`}
          foot={props.foot?.(index)}
          dropped={over ? props.most : undefined}
          chosen={props.chosen === index}
          onChoose={props.onTile}
        />
      ))}
    </div>
  );
}

function keyOf({ video }: Shown): string {
  if (video.kind === 'slot') return `slot ${video.slot}`;
  return video.kind === 'none' ? '' : video.kind;
}

/** free gives the key itself, or its first mirror no other tile has taken. */
function free(key: string, taken: Map<string, number>): string {
  let mirror = key;
  for (let n = 2; taken.has(mirror); n++) mirror = `${key} again ${n}`;
  return mirror;
}

function streamOf(key: string, { streams, own, shared }: Props): MediaStream | null {
  if (key.startsWith('own')) return own ?? null;
  if (key.startsWith('shared')) return shared ?? null;
  return streams[Number(key.split(' ')[1])] ?? null;
}

function Video({ id, stream, at }: { id: string; stream: MediaStream | null; at: number | undefined }) {
  const video = useRef<HTMLVideoElement>(null);
  useLayoutEffect(() => {
    const el = video.current;
    if (!el || el.srcObject === stream) return;
    el.srcObject = stream;
    // Muted pictures may always play; a stream replaced meanwhile aborts the call, which is fine.
    if (stream) el.play().catch(() => undefined);
  }, [stream]);
  const [kind, slot] = id.split(' ');
  return (
    <video
      ref={video}
      muted
      autoplay
      playsInline
      tabIndex={-1}
      data-slot={kind === 'slot' ? slot : undefined}
      data-own={kind === 'own' ? '' : undefined}
      class={at === undefined ? 'away' : ''}
      style={at === undefined ? {} : { gridArea: `t${at}` }}
    />
  );
}
