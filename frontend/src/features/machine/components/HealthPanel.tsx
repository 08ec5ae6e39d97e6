import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
import { formatDateTime } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';

export const HealthPanelHealth = graphql(`
  fragment HealthPanelHealth on Health {
    score
    alertScore
    anomalyScore
    anomalyWeight
    anomalyEpisodes
    computedAt
    deductions {
      rule
      description
      pointsEach
      counted
      cap
      points
    }
  }
`);

interface HealthPanelProps {
  health: FragmentOf<typeof HealthPanelHealth>;
}

/** How the score came about: the formula with its numbers, and each deduction. */
export function HealthPanel(props: HealthPanelProps) {
  const health = readFragment(HealthPanelHealth, props.health);
  const weight = health.anomalyWeight;
  return (
    <section className="pw-panel pw-stack" aria-labelledby="health-title">
      <h2 id="health-title">Health score: {health.score} of 100</h2>
      <p className="pw-code">
        score = (1 − w) × alert + w × anomaly
        <br />= (1 − {weight}) × {health.alertScore.toFixed(1)} + {weight} × {health.anomalyScore.toFixed(1)}
        <br />= {((1 - weight) * health.alertScore + weight * health.anomalyScore).toFixed(1)} →{' '}
        {health.score}
      </p>
      <table className={tables.table}>
        <caption className="pw-hidden">Deductions from the alert score of 100</caption>
        <thead>
          <tr>
            <th scope="col">Deduction</th>
            <th scope="col" data-number>
              Each × counted (cap)
            </th>
            <th scope="col" data-number>
              Points
            </th>
          </tr>
        </thead>
        <tbody>
          {health.deductions.map((row) => (
            <tr key={row.rule}>
              <td>{row.description}</td>
              <td data-number>
                {row.pointsEach} × {row.counted} ({row.cap})
              </td>
              <td data-number>{row.points === 0 ? '0' : `−${Math.abs(row.points)}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="pw-dim">
        Alert score: 100 minus the points above, at least 0. Anomaly score counts {health.anomalyEpisodes}{' '}
        episodes of the past 7 days. Computed {formatDateTime(health.computedAt)}.
      </p>
    </section>
  );
}
