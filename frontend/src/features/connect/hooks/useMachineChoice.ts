import { useEffect } from 'react';
import { useQuery } from 'urql';
import { graphql, type ResultOf } from '~/gql/graphql';

const ChoiceFields = graphql(`
  fragment ChoiceFields on Machine @_unmask {
    id
    name
    identifier
    protocol
    location
  }
`);

const MachineChoices = graphql(
  `
    query MachineChoices($search: String) {
      machines(first: 20, orderBy: NAME, filter: { search: $search }) {
        nodes {
          ...ChoiceFields
        }
        totalCount
      }
    }
  `,
  [ChoiceFields],
);

const MachineChoice = graphql(
  `
    query MachineChoice($id: ID!) {
      machine(id: $id) {
        ...ChoiceFields
      }
    }
  `,
  [ChoiceFields],
);

export type MachineOption = ResultOf<typeof ChoiceFields>;

/** The first twenty machines, by name, that match. */
export function useMachineChoices(search: string) {
  const [{ data, error, fetching }, execute] = useQuery({
    query: MachineChoices,
    variables: { search: search || null },
  });
  return {
    machines: data?.machines.nodes,
    total: data?.machines.totalCount ?? 0,
    error,
    fetching,
    refetch: () => execute({ requestPolicy: 'network-only' }),
  };
}

/** Hands over the machine that a link names, once. */
export function useMachineOfLink(id: string | undefined, onFound: (machine: MachineOption) => void): void {
  const [{ data }] = useQuery({ query: MachineChoice, variables: { id: id ?? '' }, pause: !id });
  const machine = id && data?.machine?.id === id ? data.machine : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per machine
  useEffect(() => {
    if (machine) {
      onFound(machine);
    }
  }, [machine?.id]);
}
