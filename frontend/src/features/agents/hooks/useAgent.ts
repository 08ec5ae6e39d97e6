import { useCallback } from 'react';
import type { CombinedError } from 'urql';
import { graphql, readFragment } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { usePolling } from '~/lib/polling';
import { type AgentDetail, AgentDetailAgent } from '../model/agentFragment';
import { useAgentEvents } from './useAgentEvents';

const AgentById = graphql(
  `
    query AgentById($id: ID!) {
      agent(id: $id) {
        ...AgentDetailAgent
      }
    }
  `,
  [AgentDetailAgent],
);

const heartbeatFiguresMs = 5_000;

interface AgentState {
  /** Null when there is no such agent, undefined until the server has answered. */
  agent: AgentDetail | null | undefined;
  error: CombinedError | undefined;
  refetch: () => void;
}

/** One agent, kept up to date. */
export function useAgent(id: string): AgentState {
  const [{ data, error }, execute] = useLastingQuery({ query: AgentById, variables: { id } });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useAgentEvents(refetch);
  usePolling(refetch, heartbeatFiguresMs);
  return { agent: data && readFragment(AgentDetailAgent, data.agent), error, refetch };
}
