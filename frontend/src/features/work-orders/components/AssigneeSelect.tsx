import { NativeSelect } from '@mantine/core';
import { useQuery } from 'urql';
import { graphql } from '~/gql/graphql';

const Assignees = graphql(`
  query Assignees {
    users {
      id
      fullName
      isActive
    }
  }
`);

interface AssigneeSelectProps {
  value: string;
  isDisabled?: boolean;
  onChange: (userId: string) => void;
}

/** Chooses who does the work; empty stands for nobody. */
export function AssigneeSelect({ value, isDisabled, onChange }: AssigneeSelectProps) {
  const [{ data, error }] = useQuery({ query: Assignees, requestPolicy: 'cache-first' });
  const users = (data?.users ?? []).filter((user) => user.isActive || user.id === value);
  return (
    <NativeSelect
      label="Assigned to"
      size="md"
      disabled={isDisabled}
      description={error ? 'The people could not be loaded.' : undefined}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        { value: '', label: 'Nobody' },
        ...users.map((user) => ({ value: user.id, label: user.fullName })),
      ]}
    />
  );
}
