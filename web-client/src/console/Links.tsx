// How the lines are: the chosen point's last ten minutes, and the map of
// nodes and the links between them.
import 'uplot/dist/uPlot.min.css';
import { t } from '../i18n/i18n';
import type { Desk } from './desk';
import { Figures } from './Figures';
import { NodeMap } from './NodeMap';
import { Panel } from './Panel';
import { Plot } from './Plot';

/** Links is the panel of lines. */
export function Links({ desk }: { desk: Desk }) {
  const row = desk.row.value;
  return (
    <Panel
      name="links"
      title={t('desk.links')}
      wide
      close={() => {
        desk.panel.value = '';
      }}
    >
      {row ? (
        <>
          <h3>{t('desk.links.point', { point: row.name })}</h3>
          <Figures desk={desk} point={row.id} />
          <Plot desk={desk} point={row.id} />
        </>
      ) : (
        <p class="none">{t('desk.meeting.pick')}</p>
      )}
      <h3>{t('desk.links.map')}</h3>
      <NodeMap desk={desk} />
    </Panel>
  );
}
