import { useRef } from 'react';
import { graphql } from '~/gql/graphql';
import { useConnectionPages } from '~/gql/useConnectionPages';
import { usePolling } from '~/lib/polling';
import { Rates } from '../model/rate';
import { SourceSummary } from '../model/sourceFragment';

const IngestSources = graphql(
  `
    query IngestSources($first: Int!, $after: String) {
      ingestSources(first: $first, after: $after) {
        nodes {
          ...SourceSummary
        }
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [SourceSummary],
);

const pageSize = 100;
const refreshEveryMs = 5_000;

/** All sources of the plant, kept up to date, and how fast each one stores readings. */
export function useSources() {
  const pages = useConnectionPages({
    document: IngestSources,
    variables: { first: pageSize },
    pick: (data) => data.ingestSources,
  });
  usePolling(pages.refetch, refreshEveryMs);
  const rates = useRef(new Rates());
  const noted = useRef(pages.nodes);
  if (pages.nodes !== noted.current) {
    noted.current = pages.nodes;
    const now = Date.now();
    for (const { id, status } of pages.nodes ?? []) {
      rates.current.note(id, status.readings, now);
    }
  }
  return { ...pages, perMinute: (id: string) => rates.current.perMinute(id) };
}
