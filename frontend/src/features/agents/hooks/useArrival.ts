import { useCallback } from 'react';
import { graphql, readFragment } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { usePolling } from '~/lib/polling';
import { type AgentDetail, AgentDetailAgent } from '../model/agentFragment';
import { useAgentEvents } from './useAgentEvents';

const AgentsOfName = graphql(
  `
    query AgentsOfName($name: String!) {
      agents(first: 30, filter: { search: $name }) {
        nodes {
          ...AgentDetailAgent
        }
      }
    }
  `,
  [AgentDetailAgent],
);

const pollEveryMs = 3_000;

/** The agent that calls itself so and is heard, with the new key if there is one; null until then. */
export function useArrival(name: string, apiKeyId: string | null): AgentDetail | null {
  const [{ data }, execute] = useLastingQuery({
    query: AgentsOfName,
    variables: { name },
    pause: name === '',
  });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useAgentEvents(refetch);
  usePolling(refetch, pollEveryMs);
  const agents = data?.agents.nodes.map((node) => readFragment(AgentDetailAgent, node)) ?? [];
  const arrived = agents.find(
    (agent) =>
      agent.ownName === name &&
      agent.state !== 'SILENT' &&
      (apiKeyId === null || agent.apiKeyId === apiKeyId),
  );
  return arrived ?? null;
}
