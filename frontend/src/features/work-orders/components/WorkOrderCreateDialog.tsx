import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { toWords } from '~/lib/format';
import { Dialog } from '~/ui/Dialog';
import { MachineFilter } from '~/ui/MachineFilter';
import { Note } from '~/ui/Note';
import { useCreateWorkOrder } from '../hooks/useCreateWorkOrder';
import { type Priority, priorities } from '../model/workOrder';
import { AssigneeSelect } from './AssigneeSelect';

interface WorkOrderCreateDialogProps {
  /** What the work is for; without a source the person chooses the machine. */
  source: { alertId?: string; machineId?: string };
  title: string;
  onClose: () => void;
  onCreated?: () => void;
}

export function WorkOrderCreateDialog({ source, title, onClose, onCreated }: WorkOrderCreateDialogProps) {
  const create = useCreateWorkOrder();
  const [draft, setDraft] = useState({
    title,
    description: '',
    priority: 'MEDIUM' as Priority,
    assignedTo: '',
  });
  const [machineId, setMachineId] = useState(source.machineId);
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const isMachineOpen = !source.alertId && !source.machineId;
  const change = (part: Partial<typeof draft>): void => setDraft((old) => ({ ...old, ...part }));
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const refused = await create({
      ...draft,
      assignedTo: draft.assignedTo || null,
      alertId: source.alertId ?? null,
      machineId: source.alertId ? null : (machineId ?? null),
    });
    setIsSending(false);
    setProblem(refused);
    if (!refused) {
      onCreated?.();
      onClose();
    }
  };
  return (
    <Dialog title="Create work order" isOpen onClose={onClose}>
      <form className="pw-stack" onSubmit={(event) => void handleSubmit(event)}>
        {problem && <Note role="alert">{problem.message}</Note>}
        {isMachineOpen && (
          <MachineFilter
            label="Machine"
            emptyLabel="Choose a machine"
            value={machineId}
            onChange={setMachineId}
          />
        )}
        <TextInput
          label="Title"
          size="md"
          required
          withAsterisk={false}
          maxLength={200}
          data-autofocus
          value={draft.title}
          onChange={(event) => change({ title: event.currentTarget.value })}
        />
        <Textarea
          label="Description"
          size="md"
          rows={3}
          value={draft.description}
          onChange={(event) => change({ description: event.currentTarget.value })}
        />
        <NativeSelect
          label="Priority"
          size="md"
          value={draft.priority}
          onChange={(event) => change({ priority: event.currentTarget.value as Priority })}
          data={priorities.map((value) => ({ value, label: toWords(value) }))}
        />
        <AssigneeSelect value={draft.assignedTo} onChange={(assignedTo) => change({ assignedTo })} />
        <div className="pw-row">
          <Button type="submit" className="pw-target" disabled={isSending || (isMachineOpen && !machineId)}>
            Create work order
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
