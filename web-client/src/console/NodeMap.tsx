// The servers of the meeting and the lines between them.
import { t } from '../i18n/i18n';
import type { NodeView } from '../wire';
import type { Desk } from './desk';

const kbit = (bps = 0) => Math.round(bps / 1000);

/** depth is how many nodes stand above one, by its path. */
const depth = (node: NodeView) => node.node.split('/').length - 1;

function Line({ node }: { node: NodeView }) {
  return (
    <tr data-testid="node" data-node={node.node} data-state={node.state}>
      <th scope="row" style={{ paddingInlineStart: `${depth(node)}em` }}>
        {node.name || node.node}
      </th>
      <td>{t(node.state === 'up' ? 'desk.links.good' : 'desk.links.lost')}</td>
      <td>
        {kbit(node.upBps)} / {kbit(node.downBps)}
      </td>
      <td>{node.lossPercent ?? 0}</td>
      <td>{node.rttMs ?? 0}</td>
      <td>
        {node.streamsUp ?? 0} / {node.streamsDown ?? 0} {node.path}
      </td>
      <td>{node.clockMs ?? 0}</td>
      <td>{node.version}</td>
      <td>{(node.alarms ?? 0) + (node.diverged ?? 0)}</td>
    </tr>
  );
}

/** NodeMap is one row a server, each below the one it hangs from. */
export function NodeMap({ desk }: { desk: Desk }) {
  const nodes = desk.page.state.nodes.value;
  if (nodes.length === 0) {
    const bad = desk.page.downSince.value > 0 || desk.page.socket.value === 'lost';
    return (
      <p class="none">
        {t('con.link')}: {t(bad ? 'desk.links.lost' : 'desk.links.good')}. {t('desk.links.mapNone')}
      </p>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must scroll it
    <section class="nodes" aria-label={t('desk.links.map')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {(['node', 'state', 'rate', 'loss', 'rtt', 'streams', 'clock', 'version', 'alarms'] as const).map(
              (column) => (
                <th scope="col" key={column}>
                  {t(`desk.nodes.${column}`)}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <Line key={node.node} node={node} />
          ))}
        </tbody>
      </table>
    </section>
  );
}
