import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Note } from '~/ui/Note';
import { type CreatedMachine, useCreateMachine } from '../hooks/useCreateMachine';
import { type Protocol, protocols, protocolWords } from '../model/machine';
import { type MachineDraft, MachineFields, problemAt } from './MachineFields';

const emptyDraft = { name: '', identifier: '', kind: 'PUMP', protocol: 'OPC_UA', location: '' } as const;

type Draft = MachineDraft & { identifier: string; protocol: Protocol };

interface MachineCreateFormProps {
  onCreated: (machine: CreatedMachine) => void;
  onCancel: () => void;
}

/** Registers a machine. */
export function MachineCreateForm(props: MachineCreateFormProps) {
  const create = useCreateMachine();
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const change = (part: Partial<Draft>): void => setDraft((old) => ({ ...old, ...part }));
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const outcome = await create({ ...draft, location: draft.location.trim() || null });
    setIsSending(false);
    if (outcome.ok) {
      props.onCreated(outcome.value);
    } else {
      setProblem(outcome.problem);
    }
  };
  const isAtField = Object.keys(draft).some((field) => problemAt(problem, field));
  return (
    <form className="pw-stack" onSubmit={(event) => void handleSubmit(event)}>
      {problem && !isAtField && <Note role="alert">{problem.message}</Note>}
      <MachineFields draft={draft} problem={problem} onChange={change} />
      <TextInput
        label="Identifier"
        description="The name that agents and imports use. It cannot be changed later."
        placeholder="Such as: PUMP-103"
        size="md"
        required
        withAsterisk={false}
        maxLength={100}
        value={draft.identifier}
        error={problemAt(problem, 'identifier')}
        onChange={(event) => change({ identifier: event.currentTarget.value })}
      />
      <NativeSelect
        label="Source"
        description="How readings reach the agent. It cannot be changed later."
        size="md"
        value={draft.protocol}
        error={problemAt(problem, 'protocol')}
        onChange={(event) => change({ protocol: event.currentTarget.value as Protocol })}
        data={protocols.map((value) => ({ value, label: protocolWords[value] }))}
      />
      <div className="pw-row">
        <Button type="submit" className="pw-target" disabled={isSending}>
          Add machine
        </Button>
        <Button variant="default" className="pw-target" onClick={props.onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
