// Every key of the desk, on one sheet.
import { type Key, t } from '../i18n/i18n';
import type { Desk } from './desk';
import { Panel } from './Panel';

const keyboard: [string, Key][] = [
  ['0–9 ⏎', 'con.key.number'],
  ['← →', 'con.key.tiles'],
  ['⇧1–⇧9', 'con.key.layout'],
  ['Space', 'con.take'],
  ['Ctrl Z', 'con.undo'],
  ['L', 'desk.key.saved'],
  ['↑ ↓', 'con.key.arrows'],
  ['/', 'con.search'],
  ['W', 'con.worst'],
  ['K', 'desk.key.copy'],
  ['⇧K', 'desk.copyLost'],
  ['Tab', 'desk.key.tabs'],
  ['F', 'con.give'],
  ['I', 'con.invite'],
  ['C', 'desk.pass'],
  ['D', 'desk.defer'],
  ['Del', 'con.deny'],
  ['N', 'desk.note'],
  ['Alt ↑ ↓', 'desk.reorder'],
  ['G', 'desk.order.next'],
  ['⇧G', 'desk.key.later'],
  ['O', 'desk.key.order'],
  ['M', 'con.cut'],
  ['⇧M', 'con.closeAll'],
  ['A', 'desk.key.ack'],
  ['T', 'desk.key.message'],
  ['Ctrl B', 'desk.banner'],
  ['P', 'desk.rotation.pause'],
  ['⇧P', 'desk.rotation'],
  ['V', 'desk.key.wall'],
  ['R', 'desk.key.roll'],
  ['Q', 'desk.key.links'],
  ['⇧T', 'desk.control.take'],
  ['⇧E', 'con.end'],
  ['Esc', 'con.key.leave'],
];

/** Help is the sheet. */
export function Help({ desk }: { desk: Desk }) {
  return (
    <Panel
      name="help"
      title={t('con.keys')}
      wide
      close={() => {
        desk.panel.value = '';
      }}
    >
      <dl class="help">
        {keyboard.map(([cap, words]) => (
          <div key={cap}>
            <dt>
              <span class="cap">{cap}</span>
            </dt>
            <dd>
              {t(words)}
              {cap === '⇧E' && ` (${t('desk.held')})`}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
