import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
import { formatDateTime, toWords } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';

export const HealthEpisodesEvidence = graphql(`
  fragment HealthEpisodesEvidence on HealthEvidence {
    episodes {
      metric
      detector
      found
      counted
      latestAt
    }
  }
`);

interface HealthEpisodesProps {
  evidence: FragmentOf<typeof HealthEpisodesEvidence>;
}

/** What each detector found in the past 7 days, and how much of it counts. */
export function HealthEpisodes(props: HealthEpisodesProps) {
  const { episodes } = readFragment(HealthEpisodesEvidence, props.evidence);
  if (episodes.length === 0) {
    return null;
  }
  return (
    <table className={tables.table}>
      <caption className="pw-hidden">Episodes of the detectors, past 7 days</caption>
      <thead>
        <tr>
          <th scope="col">Episodes, past 7 days</th>
          <th scope="col" data-number>
            Counted of found
          </th>
        </tr>
      </thead>
      <tbody>
        {episodes.map((row) => (
          <tr key={`${row.metric} ${row.detector}`}>
            <td>
              {row.metric ? toWords(row.metric) : 'All metrics together'}: {toWords(row.detector)}
              <div className="pw-dim">Latest {formatDateTime(row.latestAt)}</div>
            </td>
            <td data-number>
              {row.counted} of {row.found}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
