import { MachineChartParameters } from '~/features/settings/model/machineChart';
import { graphql, type ResultOf } from '~/gql/graphql';
import type { ScoreStrip } from './trial';

export const MachineTrialQuery = graphql(
  `
    query MachineChartTrial(
      $machineId: ID!
      $from: DateTime!
      $to: DateTime!
      $settings: MachineChartSettingsInput
    ) {
      machineChartTrial(machineId: $machineId, from: $from, to: $to, settings: $settings) {
        from
        to
        readingCount
        frameCount
        judgedCount
        metrics
        present {
          settings {
            ...MachineChartParameters
          }
          episodes {
            severity
            startedAt
            endedAt
            peakScore
            message
          }
        }
        proposed {
          settings {
            ...MachineChartParameters
          }
          episodes {
            severity
            startedAt
            endedAt
            peakScore
            message
          }
        }
        alerts {
          id
          cause
          severity
          message
          raisedAt
          clearedAt
        }
        points {
          times
          scores
          t2Distances
          qDistances
        }
      }
    }
  `,
  [MachineChartParameters],
);

export type MachineTrial = NonNullable<ResultOf<typeof MachineTrialQuery>['machineChartTrial']>;

/** From this share of judged moments on, nobody needs to be told about the others. */
const nearlyAll = 0.95;

/** The score, and what it is the greater of, as far as there is such a part; the threshold is the same for all. */
export function machineStrips({ points, proposed, present }: MachineTrial): readonly ScoreStrip[] {
  const limits = {
    threshold: proposed.settings.threshold,
    presentThreshold: present.settings.threshold,
  };
  const parts = [
    { label: 'Levels (T²)', scores: points.t2Distances },
    { label: 'Relations (Q)', scores: points.qDistances },
  ].filter(({ scores }) => scores.some((score) => score !== null));
  return [{ label: 'Score', scores: points.scores }, ...parts].map((strip) => ({ ...strip, ...limits }));
}

/** Why nothing, or not everything, could be judged; null where all of it was. */
export function whyUnjudged({ frameCount, judgedCount, metrics }: MachineTrial): string | null {
  if (judgedCount > 0) {
    const share = judgedCount / frameCount;
    return share >= nearlyAll
      ? null
      : `${Math.floor(share * 100)} % of the moments could be judged: in the others one of the metrics had no fresh reading.`;
  }
  return metrics.length === 0
    ? 'The machine is not known well enough to be judged as a whole: it has to be seen in 24 hours, or somebody confirms a normal period.'
    : 'No moment of this period could be judged: its metrics were not read together.';
}
