import { formatCount, formatDateTime } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import type { SourceWithTags } from '../model/sourceFragment';

const shown = 20;

/** Times in which values may be missing, newest first. */
export function GapTable({ gaps }: { gaps: SourceWithTags['gaps'] }) {
  if (gaps.length === 0) {
    return null;
  }
  return (
    <section className="pw-stack" aria-labelledby="gaps-title">
      <h2 id="gaps-title">Gaps</h2>
      <div className={tables.frame}>
        <table className={tables.table}>
          <caption className="pw-hidden">Times in which values may be missing, newest first</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">Tag</th>
              <th scope="col">Reason</th>
              <th scope="col" data-number>
                Values
              </th>
            </tr>
          </thead>
          <tbody>
            {gaps.slice(0, shown).map((gap) => (
              <tr key={`${gap.startedAt} ${gap.tag} ${gap.reason}`}>
                <td>{formatDateTime(gap.startedAt)}</td>
                <td>{formatDateTime(gap.endedAt)}</td>
                <td>{gap.tag ?? 'All of the source'}</td>
                <td>{gap.reason}</td>
                <td data-number>{formatCount(gap.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
