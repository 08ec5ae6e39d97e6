import { graphql, type ResultOf } from '~/gql/graphql';
import { useStreamRefetch } from '~/gql/useStreamRefetch';

const AgentEvents = graphql(`
  subscription AgentEvents($since: BigInt) {
    agents(since: $since) {
      cursor
      agentId
    }
  }
`);

const cursorOf = (data: ResultOf<typeof AgentEvents>): number => data.agents.cursor;

/** Fetches again when an agent came, fell silent, was heard again, renamed or removed, and after each reconnection. */
export function useAgentEvents(refetch: () => void): void {
  useStreamRefetch(AgentEvents, cursorOf, refetch);
}
