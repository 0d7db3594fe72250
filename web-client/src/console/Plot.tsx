// Loss, round trip and jitter of one point over the last ten minutes.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { clock } from '../i18n/clock';
import { t } from '../i18n/i18n';
import type { Desk } from './desk';

const windowS = 600;
const height = 220;

/** Plot draws a point's measurements and follows them. */
export function Plot({ desk, point }: { desk: Desk; point: string }) {
  const place = useRef<HTMLDivElement>(null);
  const history = desk.page.state.lines.history(point);
  useEffect(() => {
    const at = place.current;
    if (!at) return;
    const plot = new uPlot(options(at.clientWidth), history.read(), at);
    // Drawn once a second at most, whatever comes: the window moves with the server's clock.
    const stop = desk.page.now.subscribe((now) => {
      plot.setData(history.read(), false);
      plot.setScale('x', { min: now / 1000 - windowS, max: now / 1000 });
    });
    return () => {
      stop();
      plot.destroy();
    };
  }, [desk, history]);
  return (
    <>
      {history.version.value === 0 && <p class="none">{t('desk.links.none')}</p>}
      <div class="plot" ref={place} />
    </>
  );
}

/** The line family is cold: each measure has its own width and dash as well as its shade. */
function options(width: number): uPlot.Options {
  const axis = { stroke: '#bac0bc', grid: { stroke: '#333836', width: 1 }, ticks: { stroke: '#333836' } };
  return {
    width: Math.max(320, width),
    height,
    scales: { x: { time: true, auto: false }, '%': { range: (_, __, max) => [0, Math.max(5, max)] }, ms: {} },
    series: [
      { label: t('desk.links.time'), value: (_, at) => (at ? clock(at * 1000) : '') },
      { label: t('desk.links.loss'), scale: '%', stroke: '#86bbff', width: 3 },
      { label: t('desk.links.rtt'), scale: 'ms', stroke: '#f3f5f2', width: 1.5 },
      { label: t('desk.links.jitter'), scale: 'ms', stroke: '#bac0bc', width: 1.5, dash: [4, 4] },
    ],
    axes: [
      { ...axis, values: (_, at) => at.map((s) => clock(s * 1000).slice(0, 5)) },
      { ...axis, scale: '%' },
      { ...axis, scale: 'ms', side: 1, grid: { show: false } },
    ],
  };
}
