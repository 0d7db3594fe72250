// How loud an open microphone is, from the voice this desk receives anyway:
// twenty times a second, rising at once and falling slowly. It is drawn
// without a component's help, so that it costs the desk nothing.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/i18n';
import type { Desk } from './desk';
import { levelOf } from './level';

const bars = 48;
const floorDb = -60;
const hotDb = -12;
/** How much a meter falls in one step, in dB. */
const fall = 1.5;
const everyMs = 50;

/** Meter shows the level of a point's voice; of one that carries no voice here it stays empty. */
export function Meter({ desk, point, name }: { desk: Desk; point: string; name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let shown = floorDb;
    const timer = setInterval(() => {
      const slot = desk.page.state.slots.peek()?.voices.indexOf(`${point}/microphone`) ?? -1;
      const now = levelOf(desk.page.voices.peek()[slot]);
      shown = Math.max(floorDb, now > shown ? now : shown - fall);
      if (canvas.current) draw(canvas.current, shown);
    }, everyMs);
    return () => clearInterval(timer);
  }, [desk, point]);
  return (
    <div class="vu" role="img" aria-label={t('desk.level', { point: name })}>
      <canvas ref={canvas} width={bars * 10} height={16} />
      <span class="s" aria-hidden="true">
        {[-60, -48, -36, -24, -12, 0].map((db) => (
          <span key={db}>{db || '0 dB'}</span>
        ))}
      </span>
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, db: number): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const lit = Math.round(((db - floorDb) / -floorDb) * bars);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < bars; i++) {
    const at = floorDb + (i / bars) * -floorDb;
    pen.fillStyle = i >= lit ? '#2b302e' : at >= hotDb ? '#ffb424' : '#dfe4e0';
    pen.fillRect(i * 10, 0, 8, canvas.height);
  }
}
