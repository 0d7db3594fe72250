// The newest figures of one point's line, for a technician.
import { t } from '../i18n/i18n';
import type { Desk } from './desk';

const layerWords: Record<string, string> = { q: '¼', h: '½', f: '1' };

/** Figures follows a point's line while its media is here. */
export function Figures({ desk, point }: { desk: Desk; point: string }) {
  const { lines } = desk.page.state;
  void lines.history(point).version.value; // drawn anew with every measurement
  const line = lines.now(point);
  if (!line) return null;
  const figures: [string, string | number][] = [
    [t('desk.links.rate'), `${line.upKbps} / ${line.downKbps}`],
    [t('desk.links.estimate'), line.estimateKbps],
    [t('desk.links.lossWays'), `${line.lossUp} / ${line.lossDown}`],
    [t('desk.links.rtt'), line.rttMs],
    [t('desk.links.jitter'), line.jitterMs],
    [t('desk.links.queue'), line.queueMs],
    [t('desk.links.layers'), line.layers?.map((l) => layerWords[l] ?? l).join(' ') ?? t('desk.links.oneLayer')],
    [t('desk.links.paused'), line.paused ?? 0],
    [t('desk.links.frozen'), `${line.freezes ?? 0} × (${((line.frozenMs ?? 0) / 1000).toFixed(1)} s)`],
    [t('desk.links.concealed'), line.concealed ?? 0],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
