import type { ComponentChildren } from 'preact';
import { type Word, w } from './words';

interface Columns<Row> {
  /** The heads of the columns; '' for one of keys, which has none. */
  head: readonly (Word | '')[];
  /** Nothing until they have been read. */
  rows: readonly Row[] | undefined;
  children: (row: Row) => ComponentChildren;
}

/** Table shows rows under their heads, and says so if there are none. */
export function Table<Row>({ head, rows, children }: Columns<Row>) {
  if (!rows) return null;
  if (rows.length === 0) return <p class="op-quiet">{w('none')}</p>;
  return (
    <div class="op-scroll">
      <table>
        <thead>
          <tr>{head.map((word) => (word ? <th key={word}>{w(word)}</th> : <td key="keys" />))}</tr>
        </thead>
        <tbody>{rows.map(children)}</tbody>
      </table>
    </div>
  );
}
