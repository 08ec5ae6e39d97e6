import type { CombinedError } from '@urql/core';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useClient } from 'urql';
import { type SeriesData, TrendStore } from '~/charts/trendStore';
import { useLinkState } from '~/gql/connectionState';
import { graphql } from '~/gql/graphql';
import { useSocket } from '~/gql/SocketContext';
import { openStream } from '~/gql/stream';
import { usePolling } from '~/lib/polling';
import type { ViewWindow } from '../model/search';

const TrendReadings = graphql(`
  query TrendReadings($machineId: ID!, $from: DateTime!, $to: DateTime!, $maxPoints: Int!) {
    readings(machineId: $machineId, from: $from, to: $to, maxPoints: $maxPoints) {
      cursor
      series {
        metric
        unit
        bucketSeconds
        times
        values
        minimums
        maximums
      }
    }
  }
`);

const LiveReadings = graphql(`
  subscription LiveReadings($machineId: ID!, $since: String) {
    readings(machineId: $machineId, since: $since) {
      cursor
      series {
        metric
        unit
        times
        values
      }
    }
  }
`);

const maxPoints = 1000;
const reloadAtLeastEveryMs = 60_000;

interface Loaded {
  isLoading: boolean;
  error: CombinedError | undefined;
  /** Where the live stream continues; null until history is there. */
  cursor: string | null;
}

export interface Trends extends Loaded {
  store: TrendStore;
  reload: () => void;
}

/** History of all metrics in the window, then live frames from where it ended. */
export function useTrends(machineId: string, view: ViewWindow): Trends {
  const client = useClient();
  const socket = useSocket();
  const { resumptions } = useLinkState();
  const viewKey = view.kind === 'live' ? view.name : `${view.from}-${view.to}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another window starts with an empty store
  const store = useMemo(() => new TrendStore(), [machineId, viewKey]);
  const [loaded, setLoaded] = useState<Loaded & { store: TrendStore }>({ store, ...unloaded });
  const [revision, setRevision] = useState(0);
  const reload = useCallback(() => setRevision((value) => value + 1), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `revision` and `resumptions` ask for the same again
  useEffect(() => {
    let isCurrent = true;
    const to = view.kind === 'live' ? Date.now() : view.to;
    const from = view.kind === 'live' ? to - view.ms : view.from;
    const variables = { machineId, from: isoTime(from), to: isoTime(to), maxPoints };
    const load = async (): Promise<void> => {
      const { data, error } = await client
        .query(TrendReadings, variables, { requestPolicy: 'network-only' })
        .toPromise();
      if (!isCurrent) {
        return;
      }
      if (data?.readings) {
        store.load(data.readings.series);
      }
      const cursor = data?.readings?.cursor ?? null;
      setLoaded((old) => ({
        store,
        isLoading: false,
        error,
        cursor: cursor ?? (old.store === store ? old.cursor : null),
      }));
    };
    void load();
    return () => {
      isCurrent = false;
    };
  }, [client, machineId, viewKey, store, revision, resumptions]);

  const { isLoading, error, cursor } = loaded.store === store ? loaded : unloaded;
  useEffect(() => {
    if (!socket || cursor === null || view.kind !== 'live') {
      return;
    }
    let since = cursor;
    return openStream(socket, {
      document: LiveReadings,
      variables: () => ({ machineId, since }),
      onData: ({ readings }) => {
        since = readings.cursor;
        store.append(readings.series as SeriesData[], Date.now() - view.ms);
      },
    });
  }, [socket, cursor, machineId, store, view]);

  // Live rows widen the last buckets only roughly: the server's own buckets replace them from time to time.
  const bucketMs = view.kind === 'live' ? view.ms / maxPoints : Number.MAX_SAFE_INTEGER;
  usePolling(reload, Math.min(Math.max(reloadAtLeastEveryMs, bucketMs), 600_000));
  return { store, isLoading, error, cursor, reload };
}

const unloaded: Loaded = { isLoading: true, error: undefined, cursor: null };

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
