import { NativeSelect, TextInput } from '@mantine/core';
import type { UserProblem } from '~/gql/mutationResult';
import { toWords } from '~/lib/format';
import { type MachineKind, machineKinds } from '../model/machine';

export interface MachineDraft {
  name: string;
  kind: MachineKind;
  location: string;
}

interface MachineFieldsProps {
  draft: MachineDraft;
  problem: UserProblem | null;
  onChange: (part: Partial<MachineDraft>) => void;
}

/** The message for a field, when the refusal names it. */
export function problemAt(problem: UserProblem | null, field: string): string | undefined {
  return problem?.path.includes(field) ? problem.message : undefined;
}

/** What both a new and an existing machine have. */
export function MachineFields({ draft, problem, onChange }: MachineFieldsProps) {
  return (
    <>
      <TextInput
        label="Name"
        placeholder="Such as: Cooling water pump 3"
        size="md"
        required
        withAsterisk={false}
        maxLength={200}
        data-autofocus
        value={draft.name}
        error={problemAt(problem, 'name')}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <NativeSelect
        label="Kind"
        size="md"
        value={draft.kind}
        error={problemAt(problem, 'kind')}
        onChange={(event) => onChange({ kind: event.currentTarget.value as MachineKind })}
        data={machineKinds.map((value) => ({ value, label: toWords(value) }))}
      />
      <TextInput
        label="Location (optional)"
        placeholder="Such as: Hall A / Line 1"
        size="md"
        maxLength={200}
        value={draft.location}
        error={problemAt(problem, 'location')}
        onChange={(event) => onChange({ location: event.currentTarget.value })}
      />
    </>
  );
}
