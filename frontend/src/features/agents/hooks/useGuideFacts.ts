import { useQuery } from 'urql';
import { graphql } from '~/gql/graphql';

const AgentGuide = graphql(`
  query AgentGuide {
    machines(first: 100, orderBy: NAME) {
      nodes {
        id
        identifier
        name
      }
    }
    agents(first: 1) {
      totalCount
    }
  }
`);

interface GuideFacts {
  /** The plant's machines, as agents name them; null until they are known. */
  machines: readonly { identifier: string; name: string }[] | null;
  /** True when the plant had no agent as the page was opened. */
  isFirst: boolean;
}

/** What the guide to a new agent has to know of the plant. */
export function useGuideFacts(): GuideFacts {
  const [{ data }] = useQuery({ query: AgentGuide, requestPolicy: 'network-only' });
  return { machines: data?.machines.nodes ?? null, isFirst: data?.agents.totalCount === 0 };
}
