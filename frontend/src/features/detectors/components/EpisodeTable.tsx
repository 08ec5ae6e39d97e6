import { formatDateTime, formatSpan, formatValue } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import type { AnyEpisode, Found } from '../model/comparing';

const mostRows = 100;

const foundWords: Record<Found, string> = {
  both: 'Found by both',
  proposed: 'Only by the settings shown',
  present: 'Only by the present settings',
};

interface EpisodeTableProps<Row> {
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Heading and text of the column that says what was found. */
  what: string;
  tell: (row: Row) => string;
}

/** Every episode of the period with the settings that find it. */
export function EpisodeTable<Row extends AnyEpisode & { found: Found }>({
  rows,
  keyOf,
  what,
  tell,
}: EpisodeTableProps<Row>) {
  if (rows.length === 0) {
    return (
      <p className="pw-dim">Neither the settings shown nor the present ones find anything in this period.</p>
    );
  }
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">Episodes</caption>
        <thead>
          <tr>
            <th scope="col">Began</th>
            <th scope="col">Lasted</th>
            <th scope="col">{what}</th>
            <th scope="col">Severity</th>
            <th scope="col" data-number>
              Peak score
            </th>
            <th scope="col">Found</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, mostRows).map((row) => (
            <tr key={keyOf(row)}>
              <td>{formatDateTime(row.startedAt)}</td>
              <td>
                {row.endedAt ? formatSpan(Date.parse(row.endedAt) - Date.parse(row.startedAt)) : 'Goes on'}
              </td>
              <td>{tell(row)}</td>
              <td>
                <SeveritySymbol severity={row.severity} />
              </td>
              <td data-number>{formatValue(row.peakScore)}</td>
              <td>{foundWords[row.found]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > mostRows && (
        <p className="pw-dim">
          The first {mostRows} of {rows.length} episodes.
        </p>
      )}
    </div>
  );
}
