import type { ResultOf } from '~/gql/graphql';
import { formatCount } from '~/lib/format';
import type { TrialQuery } from './trial';

type Alerts = NonNullable<ResultOf<typeof TrialQuery>['detectionTrial']>['alerts'];
export type Severity = Alerts[number]['severity'];

/** What every trial has, whatever was tried. */
export interface Compared<Episode> {
  readingCount: number;
  proposed: { episodes: readonly Episode[] };
  present: { episodes: readonly Episode[] };
  alerts: readonly unknown[];
}

export interface AnyEpisode {
  severity: Severity;
  startedAt: string;
  endedAt: string | null;
  peakScore: number;
}

/** Something that lasted, on one of the lines below the picture. */
export interface Span {
  key: string;
  severity: Severity;
  label: string;
  from: number;
  to: number;
}

export function alertSpans(alerts: Alerts, end: number): Span[] {
  return alerts.map(({ id, severity, message, raisedAt, clearedAt }) => ({
    key: id,
    severity,
    label: message,
    from: Date.parse(raisedAt),
    to: clearedAt ? Date.parse(clearedAt) : end,
  }));
}

export function spansOf<Episode extends AnyEpisode>(
  episodes: readonly Episode[],
  labelOf: (episode: Episode) => string,
  end: number,
): Span[] {
  return episodes.map((episode) => ({
    key: `${labelOf(episode)} ${episode.startedAt}`,
    severity: episode.severity,
    label: labelOf(episode),
    from: Date.parse(episode.startedAt),
    to: episode.endedAt ? Date.parse(episode.endedAt) : end,
  }));
}

function count(number: number, one: string): string {
  return `${formatCount(number)} ${one}${number === 1 ? '' : 's'}`;
}

/** The trial in one sentence. */
export function summarise<Episode>({ readingCount, proposed, present, alerts }: Compared<Episode>): string {
  const [would, does] = [proposed.episodes.length, present.episodes.length];
  const compared =
    would === does ? 'as many as now' : would < does ? `${does - would} fewer` : `${would - does} more`;
  return (
    `${count(readingCount, 'reading')}: the settings shown would have found ${count(would, 'episode')}, ${compared}; ` +
    `${count(alerts.length, 'alert')} did happen.`
  );
}

/** Under which settings an episode is found. */
export type Found = 'both' | 'proposed' | 'present';

/** Episodes of both choices in order of time; those of the same key are the same episode. */
export function compareEpisodes<Episode extends AnyEpisode>(
  { proposed, present }: Pick<Compared<Episode>, 'proposed' | 'present'>,
  keyOf: (episode: Episode) => string,
): (Episode & { found: Found })[] {
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
