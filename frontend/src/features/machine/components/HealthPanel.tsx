import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
import { formatDateTime } from '~/lib/format';
import { HealthDeductions, HealthDeductionsHealth } from './HealthDeductions';
import { HealthEpisodes, HealthEpisodesEvidence } from './HealthEpisodes';
import { HealthRecipe } from './HealthRecipe';

export const HealthPanelHealth = graphql(
  `
    fragment HealthPanelHealth on Health {
      score
      alertScore
      anomalyScore
      anomalyWeight
      anomalyEpisodes
      computedAt
      ...HealthDeductionsHealth
      evidence {
        ...HealthEpisodesEvidence
      }
    }
  `,
  [HealthDeductionsHealth, HealthEpisodesEvidence],
);

interface HealthPanelProps {
  machineId: string;
  health: FragmentOf<typeof HealthPanelHealth>;
}

/** How the score came about: the formula with its numbers, each deduction with its alerts, and the episodes. */
export function HealthPanel({ machineId, ...props }: HealthPanelProps) {
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
      <HealthDeductions machineId={machineId} health={health} />
      <p className="pw-dim">
        Alert score: 100 minus the points above, at least 0. Anomaly score: 100 minus 5 for each of{' '}
        {health.anomalyEpisodes} episodes of the past 7 days, of which at most 20 count.
      </p>
      <HealthEpisodes evidence={health.evidence} />
      <p className="pw-dim">Computed {formatDateTime(health.computedAt)}.</p>
      <HealthRecipe machineId={machineId} />
    </section>
  );
}
