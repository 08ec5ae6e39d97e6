import { useEffect, useMemo } from 'react';
import { graphql } from '~/gql/graphql';
import { type ConnectionPages, useConnectionPages } from '~/gql/useConnectionPages';
import { useNow } from '~/lib/now';
import { usePolling } from '~/lib/polling';
import { type Channel, ChannelFields } from '../model/channelFragment';
import { compareChannels } from '../model/channelState';

const ChannelList = graphql(
  `
    query NotificationChannelList($first: Int!, $after: String) {
      notificationChannels(first: $first, after: $after) {
        nodes {
          ...ChannelFields
        }
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [ChannelFields],
);

const pageSize = 100;
const stateEveryMs = 10_000;

/** All channels of the tenant, troubled ones first; how they fare is asked for every ten seconds. */
export function useChannels(): Pick<ConnectionPages<Channel>, 'nodes' | 'error' | 'refetch'> {
  const pages = useConnectionPages({
    document: ChannelList,
    variables: { first: pageSize },
    pick: (data) => data.notificationChannels,
  });
  const { hasMore, isFetching, error, loadMore, refetch } = pages;
  const now = useNow();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new function each time
  useEffect(() => {
    if (hasMore && !isFetching && !error) {
      loadMore();
    }
  }, [hasMore, isFetching, error]);
  usePolling(refetch, stateEveryMs);
  const nodes = useMemo(
    () => pages.nodes?.toSorted((a, b) => compareChannels(a, b, now)) ?? null,
    [pages.nodes, now],
  );
  return { nodes, error, refetch };
}
