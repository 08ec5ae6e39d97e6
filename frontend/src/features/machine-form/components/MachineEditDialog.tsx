import { Button } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useUpdateMachine } from '../hooks/useUpdateMachine';
import type { MachineKind } from '../model/machine';
import { type MachineDraft, MachineFields, problemAt } from './MachineFields';

interface MachineEditDialogProps {
  machine: { id: string; name: string; identifier: string; kind: MachineKind; location: string | null };
  onClose: () => void;
  onChanged: () => void;
}

/** Changes what people call a machine; its identifier and source stay. */
export function MachineEditDialog({ machine, onClose, onChanged }: MachineEditDialogProps) {
  const update = useUpdateMachine();
  const [draft, setDraft] = useState<MachineDraft>({
    name: machine.name,
    kind: machine.kind,
    location: machine.location ?? '',
  });
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const location = draft.location.trim() || null;
    const refused = await update({ id: machine.id, name: draft.name, kind: draft.kind, location });
    setIsSending(false);
    setProblem(refused);
    if (!refused) {
      onChanged();
      onClose();
    }
  };
  const isAtField = Object.keys(draft).some((field) => problemAt(problem, field));
  return (
    <Dialog title={`Edit ${machine.identifier}`} isOpen onClose={onClose}>
      <form className="pw-stack" onSubmit={(event) => void handleSubmit(event)}>
        {problem && !isAtField && <Note role="alert">{problem.message}</Note>}
        <MachineFields
          draft={draft}
          problem={problem}
          onChange={(part) => setDraft((old) => ({ ...old, ...part }))}
        />
        <p className="pw-dim">The identifier {machine.identifier} stays: agents send readings under it.</p>
        <div className="pw-row">
          <Button type="submit" className="pw-target" disabled={isSending}>
            Save
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
