import { useEffect, useRef } from 'react';
import { graphql } from '~/gql/graphql';
import { type ConnectionPages, type Page, useConnectionPages } from '~/gql/useConnectionPages';
import type { Gap } from '../model/gapLine';

const AgentGapList = graphql(`
  query AgentGapList($id: ID!, $first: Int!, $after: String) {
    agent(id: $id) {
      id
      gaps(first: $first, after: $after) {
        nodes {
          source
          tag
          reason
          start
          end
          count
        }
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

const pageSize = 100;
const none: Page<Gap> = { nodes: [], totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null } };

/** The gaps of an agent, newest first: at least those that reach beyond `from`. A new heartbeat may bring more. */
export function useAgentGaps(id: string, lastSeenAt: string, from: number): ConnectionPages<Gap> {
  const pages = useConnectionPages({
    document: AgentGapList,
    variables: { id, first: pageSize },
    pick: (data) => data.agent?.gaps ?? none,
  });
  const { nodes, hasMore, isFetching, error, refetch } = pages;
  const oldest = nodes?.at(-1);
  const isShort = hasMore && !isFetching && !error && oldest !== undefined && Date.parse(oldest.end) > from;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `loadMore` is a new function each time
  useEffect(() => {
    if (isShort) {
      pages.loadMore();
    }
  }, [isShort]);
  const known = useRef(lastSeenAt);
  useEffect(() => {
    if (known.current !== lastSeenAt) {
      known.current = lastSeenAt;
      refetch();
    }
  }, [lastSeenAt, refetch]);
  return pages;
}
