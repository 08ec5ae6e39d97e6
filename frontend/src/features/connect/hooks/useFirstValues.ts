import { useEffect, useMemo, useRef, useState } from 'react';
import { useClient } from 'urql';
import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { usePolling } from '~/lib/polling';
import { type FirstValue, type Latest, noteValues } from '../model/firstValues';

const FirstValuesQuery = graphql(`
  query FirstValues($machineId: ID!) {
    machine(id: $machineId) {
      id
      metrics {
        id
        name
        unit
        latest {
          time
          value
        }
      }
    }
  }
`);

const everyMs = 1_000;

/** Times of the newest readings of a machine by metric, as they are now. */
export function useBaseline(): (machineId: string) => Promise<Record<string, string>> {
  const client = useClient();
  return async (machineId) => {
    const { data } = await client.query(FirstValuesQuery, { machineId }, { requestPolicy: 'network-only' });
    return Object.fromEntries(
      (data?.machine?.metrics ?? []).flatMap(({ name, latest }) => (latest ? [[name, latest.time]] : [])),
    );
  };
}

/** The readings that the metrics have had since the baseline, asked for once a second. */
export function useFirstValues(
  machineId: string,
  metrics: readonly string[],
  baseline: Readonly<Record<string, string>>,
) {
  const [{ data, error }, execute] = useLastingQuery({
    query: FirstValuesQuery,
    variables: { machineId },
    requestPolicy: 'network-only',
  });
  const refetch = () => execute({ requestPolicy: 'network-only' });
  usePolling(refetch, everyMs);
  const latest = useMemo(
    () =>
      new Map<string, Latest>(
        data?.machine?.metrics.flatMap(({ name, unit, latest: newest }) =>
          newest ? [[name, { unit, time: newest.time, value: newest.value }]] : [],
        ),
      ),
    [data],
  );
  const [values, setValues] = useState<ReadonlyMap<string, FirstValue>>(new Map());
  const wanted = useRef({ metrics, baseline });
  wanted.current = { metrics, baseline };
  useEffect(() => {
    setValues((old) => noteValues(old, latest, wanted.current.metrics, wanted.current.baseline));
  }, [latest]);
  return { values, error, refetch };
}
