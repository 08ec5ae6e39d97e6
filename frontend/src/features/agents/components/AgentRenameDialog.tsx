import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Dialog } from '~/ui/Dialog';
import { useRenameAgent } from '../hooks/useAgentMutations';

const longestName = 100;

interface AgentRenameDialogProps {
  agent: { id: string; name: string; ownName: string };
  onClose: () => void;
  onChanged: () => void;
}

/** Calls an agent otherwise than it calls itself. */
export function AgentRenameDialog({ agent, onClose, onChanged }: AgentRenameDialogProps) {
  const rename = useRenameAgent();
  const [name, setName] = useState(agent.name);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const refused = await rename(agent.id, name);
    setIsSending(false);
    setProblem(refused);
    if (!refused) {
      onChanged();
      onClose();
    }
  };
  return (
    <Dialog title="Rename agent" isOpen onClose={onClose}>
      <form className="pw-stack" onSubmit={(event) => void handleSubmit(event)}>
        <TextInput
          label="Name"
          size="md"
          data-autofocus
          maxLength={longestName}
          value={name}
          error={problem?.message}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <p className="pw-dim">It calls itself {agent.ownName}; without a name here, that one is shown.</p>
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
