import { formatBytes, formatCount } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import { barShares, bytesPerReading, describeMonth, type StorageMonth } from '../model/months';
import classes from './StoragePage.module.css';

/** Newest month first, each with a bar of its size next to the largest one. */
export function MonthTable({ months }: { months: readonly StorageMonth[] }) {
  const shares = barShares(months);
  const rows = months.map((month, place) => ({ ...month, share: shares[place] })).reverse();
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">Stored by month</caption>
        <thead>
          <tr>
            <th scope="col">Month (UTC)</th>
            <th scope="col" className={classes.barColumn}>
              <span className={classes.legend}>
                <span className={classes.readings} /> Readings <span className={classes.rollups} /> Summaries
              </span>
            </th>
            <th scope="col" data-number>
              Readings
            </th>
            <th scope="col" data-number>
              Size
            </th>
            <th scope="col" data-number>
              Bytes each
            </th>
            <th scope="col" data-number>
              Summaries
            </th>
            <th scope="col" data-number>
              Rows
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ month, share, ...row }) => (
            <tr key={month}>
              <th scope="row" className={classes.month}>
                {describeMonth(month)}
              </th>
              <td>
                <span className={classes.bar} aria-hidden="true">
                  <span className={classes.readings} style={{ width: `${share?.readings}%` }} />
                  <span className={classes.rollups} style={{ width: `${share?.rollups}%` }} />
                </span>
              </td>
              <td data-number>{formatCount(row.readings)}</td>
              <td data-number>{formatBytes(row.bytes)}</td>
              <td data-number>{bytesPerReading(row)}</td>
              <td data-number>{formatBytes(row.rollupBytes)}</td>
              <td data-number>{formatCount(row.segments)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
