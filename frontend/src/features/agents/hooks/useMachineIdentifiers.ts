import { useQuery } from 'urql';
import { graphql } from '~/gql/graphql';

const MachineIdentifiers = graphql(`
  query MachineIdentifiers {
    machines(first: 100, orderBy: NAME) {
      nodes {
        id
        identifier
        name
      }
    }
  }
`);

/** The plant's machines, as agents name them; null until they are known. */
export function useMachineIdentifiers(): readonly { identifier: string; name: string }[] | null {
  const [{ data }] = useQuery({ query: MachineIdentifiers });
  return data?.machines.nodes ?? null;
}
