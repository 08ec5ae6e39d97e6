import { graphql, type ResultOf } from '~/gql/graphql';

export const TrialQuery = graphql(`
  query DetectionTrial($metricId: ID!, $from: DateTime!, $to: DateTime!, $settings: DetectionSettingsInput) {
    detectionTrial(metricId: $metricId, from: $from, to: $to, settings: $settings) {
      unit
      from
      to
      readingCount
      days
      present {
        settings {
          baselineThreshold
          ewmaThreshold
          rateThreshold
        }
        episodes {
          detector
          severity
          startedAt
          endedAt
          peakScore
        }
        episodesPerDay
      }
      proposed {
        settings {
          baselineThreshold
          ewmaThreshold
          rateThreshold
        }
        episodes {
          detector
          severity
          startedAt
          endedAt
          peakScore
        }
        episodesPerDay
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
        values
        minimums
        maximums
        means
        lowers
        uppers
        baselineScores
        ewmaScores
        rateScores
      }
    }
  }
`);

export type Trial = NonNullable<ResultOf<typeof TrialQuery>['detectionTrial']>;
export type Points = Trial['points'];
export type Episode = Trial['proposed']['episodes'][number];
export type DetectorName = Episode['detector'];
export type Column = Points['values'];

export const detectorWords: Record<DetectorName, string> = {
  STATIC_BASELINE: 'Baseline',
  EWMA: 'Slow drift (EWMA)',
  RATE_OF_CHANGE: 'Rate of change',
};

/** A line of scores with the limits that it is held to. */
export interface ScoreStrip {
  label: string;
  scores: Column;
  /** Proposed and present. */
  threshold: number;
  presentThreshold: number;
}

export function stripsOf({ points, proposed, present }: Trial): readonly ScoreStrip[] {
  return [
    {
      label: detectorWords.STATIC_BASELINE,
      scores: points.baselineScores,
      threshold: proposed.settings.baselineThreshold,
      presentThreshold: present.settings.baselineThreshold,
    },
    {
      label: 'Slow drift',
      scores: points.ewmaScores,
      threshold: proposed.settings.ewmaThreshold,
      presentThreshold: present.settings.ewmaThreshold,
    },
    {
      label: detectorWords.RATE_OF_CHANGE,
      scores: points.rateScores,
      threshold: proposed.settings.rateThreshold,
      presentThreshold: present.settings.rateThreshold,
    },
  ];
}

/** The same detector and start is the same episode. */
export function keyOfEpisode({ detector, startedAt }: Episode): string {
  return `${detector} ${startedAt}`;
}
