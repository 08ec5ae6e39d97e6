import { NativeSelect } from '@mantine/core';
import { useMemo } from 'react';
import { useQuery } from 'urql';
import { graphql } from '~/gql/graphql';

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
export function MachineFilter({ label, emptyLabel, value, onChange }: MachineFilterProps) {
  const [{ data }] = useQuery({ query: MachineNames, requestPolicy: 'cache-first' });
  const machines = data?.machines.nodes ?? [];
  const isListed = value === undefined || machines.some(({ id }) => id === value);
  return (
    <NativeSelect
      label={label}
      size="md"
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      data={[
        { value: '', label: emptyLabel },
        ...machines.map(({ id, name }) => ({ value: id, label: name })),
        ...(isListed ? [] : [{ value: value ?? '', label: 'The machine of this link' }]),
      ]}
    />
  );
}
