// Icons and state lamps. Every state has an outline of its own, so that the
// shape alone tells it where colour is not seen.
import type { Lamp as LampName } from '../state/worst';

const strokes = {
  mic: 'M9 4h6v9a3 3 0 0 1-6 0zM5 12a7 7 0 0 0 14 0M12 19v3',
  'mic-off': 'M9 4h6v9a3 3 0 0 1-6 0zM5 12a7 7 0 0 0 14 0M12 19v3M3 3l18 18',
  hand: 'M7 12.5V6.5a1.5 1.5 0 0 1 3 0V11M10 11V4.5a1.5 1.5 0 0 1 3 0V11M13 11V5.5a1.5 1.5 0 0 1 3 0V12M16 9.5a1.5 1.5 0 0 1 3 0V15a6 6 0 0 1-6 6h-1.5a6 6 0 0 1-5-2.7L3.6 14a1.6 1.6 0 0 1 2.6-1.9L7 13',
  ok: 'M4 12l5 6L20 5',
  lost: 'M9 15l-2 2a4 4 0 0 1-5-5l3-3M15 9l2-2a4 4 0 0 1 5 5l-3 3M4 3l16 18',
  cam: 'M3 6h12v12H3zM15 11l6-4v10l-6-4',
  spk: 'M3 9h4l6-5v16l-6-5H3zM17 8a6 6 0 0 1 0 8',
  'spk-off': 'M3 9h4l6-5v16l-6-5H3zM17 9l5 6M22 9l-5 6',
  line: 'M4 20v-4M10 20v-8M16 20V8M21 20V4',
  weak: 'M4 20v-4M10 20v-8',
  search: 'M16 10a6 6 0 1 1-12 0a6 6 0 0 1 12 0M15 15l6 6',
  share: 'M3 5h18v12H3zM8 21h8M12 14V8M9 10l3-3 3 3',
  message: 'M3 4h18v13H9l-4 4v-4H3z',
  alert: 'M12 3L2 21h20zM12 10v5M12 18v1',
  power: 'M12 3v9M7 6a8 8 0 1 0 10 0',
  echo: 'M3 12h3l2-5 4 12 3-9 2 2h4',
  frame: 'M3 8V3h5M16 3h5v5M21 16v5h-5M8 21H3v-5M9 9h6v6H9z',
  gear: 'M4 7h10M18 7h2M4 17h4M12 17h8M14 4v6M8 14v6',
  clock: 'M21 12a9 9 0 1 1-18 0a9 9 0 0 1 18 0M12 6v6l4 3',
  phone: 'M5 3h4l2 5-3 2a11 11 0 0 0 6 6l2-3 5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 5a2 2 0 0 1 2-2z',
  stop: 'M6 6h12v12H6z',
  air: 'M6 6a8.5 8.5 0 0 0 0 12M18 6a8.5 8.5 0 0 1 0 12',
} as const;

export type IconName = keyof typeof strokes;

/** Icon is one icon, as large as the text beside it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="i" viewBox="0 0 24 24" aria-hidden="true">
      <path d={strokes[name]} fill={name === 'stop' ? 'currentColor' : 'none'} />
      {name === 'air' && <circle cx="12" cy="12" r="4" fill="currentColor" />}
    </svg>
  );
}

/** Lamp is the state of a point as a shape: disc, ring, triangle, bar, crossed square, one bar of three, dashed square. */
export function Lamp({ is }: { is: LampName }) {
  return (
    <svg class="lamp" viewBox="0 0 14 14" aria-hidden="true">
      {lamps[is]}
    </svg>
  );
}

const lamps: Record<LampName, preact.JSX.Element> = {
  air: <circle cx="7" cy="7" r="6" fill="#ff5244" />,
  grant: (
    <>
      <circle cx="7" cy="7" r="4.9" fill="none" stroke="#4fd896" stroke-width="2.2" />
      <circle cx="7" cy="7" r="2" fill="#4fd896" />
    </>
  ),
  ask: <path d="M7 1l6.4 12H.6z" fill="#ffb424" />,
  closed: <path d="M2 7h10" stroke="#7e8581" stroke-width="2.4" />,
  lost: (
    <>
      <path d="M0 0h14v14H0z" fill="#1e5aa8" />
      <path d="M3 3l8 8M11 3l-8 8" stroke="#fff" stroke-width="2.2" />
    </>
  ),
  weak: (
    <>
      <path d="M2 9h2.6v5H2z" fill="#86bbff" />
      <path d="M6 6h2.6v8H6zM10 2h2.6v12H10z" fill="#3d5573" />
    </>
  ),
  off: (
    <rect
      x="1.2"
      y="1.2"
      width="11.6"
      height="11.6"
      fill="none"
      stroke="#86bbff"
      stroke-width="1.8"
      stroke-dasharray="3 2"
    />
  ),
};
