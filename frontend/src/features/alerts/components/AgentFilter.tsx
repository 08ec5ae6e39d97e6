import { useQuery } from 'urql';
import { graphql } from '~/gql/graphql';
import { NamedFilter } from '~/ui/NamedFilter';

const AgentNames = graphql(`
  query AgentNames {
    agents(first: 100) {
      nodes {
        id
        name
      }
    }
  }
`);

interface AgentFilterProps {
  value: string | undefined;
  onChange: (agentId: string | undefined) => void;
}

/** Chooses one of the plant's agents by name; nothing in a plant without agents. */
export function AgentFilter({ value, onChange }: AgentFilterProps) {
  const [{ data }] = useQuery({ query: AgentNames, requestPolicy: 'cache-first' });
  const agents = data?.agents.nodes ?? [];
  if (agents.length === 0 && value === undefined) {
    return null;
  }
  return (
    <NamedFilter
      label="Agent"
      emptyLabel="All agents"
      unlistedLabel="The agent of this link"
      items={agents}
      value={value}
      onChange={onChange}
    />
  );
}
