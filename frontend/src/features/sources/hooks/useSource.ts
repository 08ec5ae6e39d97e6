import { useCallback, useRef } from 'react';
import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { usePolling } from '~/lib/polling';
import { Rates } from '../model/rate';
import { SourceDetail } from '../model/sourceFragment';

const IngestSourceById = graphql(
  `
    query IngestSource($id: ID!) {
      ingestSource(id: $id) {
        ...SourceDetail
      }
    }
  `,
  [SourceDetail],
);

/** One source, kept up to date; `source` is null when there is none, undefined until the server has answered. */
export function useSource(id: string, refreshEveryMs = 3_000) {
  const [{ data, error, fetching }, execute] = useLastingQuery({
    query: IngestSourceById,
    variables: { id },
    requestPolicy: 'network-only',
  });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  usePolling(refetch, refreshEveryMs);
  const source = data?.ingestSource;
  const rates = useRef(new Rates());
  const noted = useRef(data);
  if (source && noted.current !== data) {
    noted.current = data;
    rates.current.note(id, source.status.readings, Date.now());
  }
  return {
    source: data ? (source ?? null) : undefined,
    error,
    fetching,
    refetch,
    perMinute: rates.current.perMinute(id),
  };
}
