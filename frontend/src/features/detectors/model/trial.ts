import { graphql, type ResultOf } from '~/gql/graphql';
import { formatCount } from '~/lib/format';

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

export interface ScoreStrip {
  detector: DetectorName;
  scores: Column;
  /** Proposed and present. */
  threshold: number;
  presentThreshold: number;
}

export function stripsOf({ points, proposed, present }: Trial): readonly ScoreStrip[] {
  return [
    {
      detector: 'STATIC_BASELINE',
      scores: points.baselineScores,
      threshold: proposed.settings.baselineThreshold,
      presentThreshold: present.settings.baselineThreshold,
    },
    {
      detector: 'EWMA',
      scores: points.ewmaScores,
      threshold: proposed.settings.ewmaThreshold,
      presentThreshold: present.settings.ewmaThreshold,
    },
    {
      detector: 'RATE_OF_CHANGE',
      scores: points.rateScores,
      threshold: proposed.settings.rateThreshold,
      presentThreshold: present.settings.rateThreshold,
    },
  ];
}

/** Something that lasted, on one of the lines below the picture. */
export interface Span {
  key: string;
  severity: Episode['severity'];
  label: string;
  from: number;
  to: number;
}

export function episodeSpans(episodes: readonly Episode[], end: number): Span[] {
  return episodes.map(({ detector, severity, startedAt, endedAt }) => ({
    key: `${detector} ${startedAt}`,
    severity,
    label: detectorWords[detector],
    from: Date.parse(startedAt),
    to: endedAt ? Date.parse(endedAt) : end,
  }));
}

export function alertSpans(alerts: Trial['alerts'], end: number): Span[] {
  return alerts.map(({ id, severity, message, raisedAt, clearedAt }) => ({
    key: id,
    severity,
    label: message,
    from: Date.parse(raisedAt),
    to: clearedAt ? Date.parse(clearedAt) : end,
  }));
}

function count(number: number, one: string): string {
  return `${formatCount(number)} ${one}${number === 1 ? '' : 's'}`;
}

/** The trial in one sentence. */
export function summarise({ readingCount, proposed, present, alerts }: Trial): string {
  const [would, does] = [proposed.episodes.length, present.episodes.length];
  const compared =
    would === does ? 'as many as now' : would < does ? `${does - would} fewer` : `${would - does} more`;
  return (
    `${count(readingCount, 'reading')}: the settings shown would have found ${count(would, 'episode')}, ${compared}; ` +
    `${count(alerts.length, 'alert')} did happen.`
  );
}

export interface EpisodeRow extends Episode {
  /** Under which settings it is found. */
  found: 'both' | 'proposed' | 'present';
}

/** Episodes of both choices in order of time; the same detector and start is the same episode. */
export function compareEpisodes({ proposed, present }: Trial): EpisodeRow[] {
  const keyOf = ({ detector, startedAt }: Episode): string => `${detector} ${startedAt}`;
  const known = new Set(present.episodes.map(keyOf));
  const wanted = new Set(proposed.episodes.map(keyOf));
  const rows = [
    ...proposed.episodes.map((episode) => ({
      ...episode,
      found: known.has(keyOf(episode)) ? ('both' as const) : ('proposed' as const),
    })),
    ...present.episodes
      .filter((episode) => !wanted.has(keyOf(episode)))
      .map((episode) => ({ ...episode, found: 'present' as const })),
  ];
  return rows.sort((one, other) => Date.parse(one.startedAt) - Date.parse(other.startedAt));
}
