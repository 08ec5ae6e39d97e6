import { useEffect, useMemo } from 'react';
import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
import { type ConnectionPages, useConnectionPages } from '~/gql/useConnectionPages';
import { usePolling } from '~/lib/polling';
import { AgentRowAgent } from '../model/agentFragment';
import { compareAgents } from '../model/agentState';
import { useAgentEvents } from './useAgentEvents';

const AgentList = graphql(
  `
    query AgentList($first: Int!, $after: String) {
      agents(first: $first, after: $after) {
        nodes {
          id
          ...AgentRowAgent
        }
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [AgentRowAgent],
);

export type AgentItem = FragmentOf<typeof AgentRowAgent>;

const pageSize = 100;
const heartbeatFiguresMs = 10_000;

/** All agents of the plant, worst first. Events are pushed; the figures of heartbeats are asked for. */
export function useAgents(): Pick<ConnectionPages<AgentItem>, 'nodes' | 'error' | 'refetch'> {
  const pages = useConnectionPages({
    document: AgentList,
    variables: { first: pageSize },
    pick: (data) => data.agents,
  });
  const { hasMore, isFetching, error, loadMore, refetch } = pages;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new function each time
  useEffect(() => {
    if (hasMore && !isFetching && !error) {
      loadMore();
    }
  }, [hasMore, isFetching, error]);
  useAgentEvents(refetch);
  usePolling(refetch, heartbeatFiguresMs);
  const nodes = useMemo(
    () =>
      pages.nodes?.toSorted((a, b) =>
        compareAgents(readFragment(AgentRowAgent, a), readFragment(AgentRowAgent, b)),
      ) ?? null,
    [pages.nodes],
  );
  return { nodes, error, refetch };
}
