import { useMemo } from 'react';
import { useQuery } from 'urql';
import { graphql } from '~/gql/graphql';
import { NamedFilter } from './NamedFilter';

const MachineNames = graphql(`
  query MachineNames {
    machines(first: 100, orderBy: NAME) {
      nodes {
        id
        name
      }
    }
  }
`);

/** Names of the plant's machines by id. */
export function useMachineNames(): ReadonlyMap<string, string> {
  const [{ data }] = useQuery({ query: MachineNames, requestPolicy: 'cache-first' });
  return useMemo(() => new Map(data?.machines.nodes.map(({ id, name }) => [id, name])), [data]);
}

interface MachineFilterProps {
  label: string;
  /** Text of the choice that stands for no machine. */
  emptyLabel: string;
  value: string | undefined;
  onChange: (machineId: string | undefined) => void;
}

/** Chooses one of the plant's machines by name. */
export function MachineFilter(props: MachineFilterProps) {
  const [{ data }] = useQuery({ query: MachineNames, requestPolicy: 'cache-first' });
  return (
    <NamedFilter {...props} items={data?.machines.nodes ?? []} unlistedLabel="The machine of this link" />
  );
}
