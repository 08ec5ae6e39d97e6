import type { CombinedError } from '@urql/core';
import { useCallback, useMemo } from 'react';
import { graphql } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { usePolling } from '~/lib/polling';
import { type OutOfServiceItem, OutOfServiceRow } from '../model/outOfService';

const OutOfServiceNow = graphql(
  `
    query OutOfServiceNow {
      outOfService {
        ...OutOfServiceRow
      }
    }
  `,
  [OutOfServiceRow],
);

const refreshEveryMs = 15_000;

export interface OutOfServiceState {
  /** Newest first; null until they are known. */
  items: readonly OutOfServiceItem[] | null;
  error: CombinedError | undefined;
  reload: () => void;
}

/** What is out of service now, in the whole plant, kept up to date. */
export function useOutOfService(): OutOfServiceState {
  // An empty list names no type by which a mutation would find it.
  const context = useMemo(() => ({ additionalTypenames: ['OutOfService'] }), []);
  const [{ data, error }, execute] = useLastingQuery({ query: OutOfServiceNow, context });
  const reload = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useLiveRefetch((event) => event.kind === 'alert', reload);
  usePolling(reload, refreshEveryMs);
  return { items: data?.outOfService ?? null, error, reload };
}
