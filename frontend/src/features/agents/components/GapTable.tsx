import { formatCount, formatDateTime } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import { type Gap, gapSpan } from '../model/gapLine';
import classes from './AgentTable.module.css';

function describeEnd({ start, end }: Gap): string {
  return new Date(start).toDateString() === new Date(end).toDateString()
    ? new Date(end).toLocaleTimeString('en-GB')
    : formatDateTime(end);
}

export function GapTable({ gaps }: { gaps: readonly Gap[] }) {
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">Gaps, newest first</caption>
        <thead>
          <tr>
            <th scope="col">From, to</th>
            <th scope="col" data-number>
              Lasted
            </th>
            <th scope="col">Source</th>
            <th scope="col">Why</th>
            <th scope="col" data-number title="How often it was seen, or how many readings were dropped">
              Count
            </th>
          </tr>
        </thead>
        <tbody>
          {gaps.map((gap) => (
            <tr key={`${gap.source} ${gap.tag} ${gap.reason} ${gap.start}`}>
              <td>
                {formatDateTime(gap.start)}
                <span className={classes.platform}>to {describeEnd(gap)}</span>
              </td>
              <td data-number>{gapSpan(gap)}</td>
              <td>
                {gap.source}
                <span className={classes.platform}>{gap.tag || 'the whole source'}</span>
              </td>
              <td>{gap.reason}</td>
              <td data-number>{formatCount(gap.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
