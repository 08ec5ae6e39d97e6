import { NativeSelect } from '@mantine/core';
import { graphql } from '~/gql/graphql';
import type { UserProblem } from '~/gql/mutationResult';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { useAlertActions } from '../hooks/useAlertActions';

const People = graphql(`
  query People {
    users {
      id
      fullName
      isActive
    }
  }
`);

interface Person {
  id: string;
  fullName: string;
}

interface AssignSelectProps {
  alertId: string;
  assignee: Person | null;
  onChanged: () => void;
  onProblem: (problem: UserProblem | null) => void;
}

/** Says who is to see to the alert. */
export function AssignSelect({ alertId, assignee, onChanged, onProblem }: AssignSelectProps) {
  const { assign } = useAlertActions();
  const [{ data }] = useLastingQuery({ query: People });
  const people: Person[] = data?.users.filter(({ isActive }) => isActive) ?? [];
  const listed = assignee && !people.some(({ id }) => id === assignee.id) ? [assignee, ...people] : people;
  const handleChange = async (id: string): Promise<void> => {
    onProblem(await assign(alertId, id || null));
    onChanged();
  };
  return (
    <NativeSelect
      aria-label="Given to"
      size="md"
      data={[
        { value: '', label: 'Given to nobody' },
        ...listed.map(({ id, fullName }) => ({ value: id, label: `Given to ${fullName}` })),
      ]}
      value={assignee?.id ?? ''}
      onChange={(event) => void handleChange(event.currentTarget.value)}
    />
  );
}
