import { formatDateTime, formatUnit, formatValue } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import type { Report } from '../hooks/useSourceTest';

const qualityWords: Record<number, string> = { 0: 'Good', 1: 'Uncertain', 2: 'Bad' };

/** The first value of each tag, or why there is none. */
export function TestedTags({ tags }: { tags: Report['tags'] }) {
  if (tags.length === 0) {
    return null;
  }
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">First values</caption>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col" data-number>
              Value
            </th>
            <th scope="col">Quality</th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {tags.map((tag) => (
            <tr key={tag.tag}>
              <td>{tag.metricName}</td>
              <td data-number>
                {formatValue(tag.value)} {tag.value === null ? '' : formatUnit(tag.unit)}
              </td>
              {tag.problem ? (
                <td colSpan={2}>{tag.problem}</td>
              ) : (
                <>
                  <td>{tag.quality === null ? '–' : qualityWords[tag.quality]}</td>
                  <td>{tag.time ? formatDateTime(tag.time) : '–'}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
