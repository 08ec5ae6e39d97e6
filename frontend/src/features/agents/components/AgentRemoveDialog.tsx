import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useAgentKey } from '../hooks/useAgentKey';
import { useRemoveAgent } from '../hooks/useAgentMutations';

interface AgentRemoveDialogProps {
  agent: { id: string; name: string; apiKeyId: string };
  onClose: () => void;
  onRemoved: () => void;
}

/** Forgets an agent, after saying what that means. */
export function AgentRemoveDialog({ agent, onClose, onRemoved }: AgentRemoveDialogProps) {
  const remove = useRemoveAgent();
  const key = useAgentKey(agent.apiKeyId);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const handleConfirm = async (): Promise<void> => {
    setIsSending(true);
    const refused = await remove(agent.id);
    setIsSending(false);
    setProblem(refused);
    if (!refused) {
      onRemoved();
    }
  };
  return (
    <Dialog title="Remove agent" isOpen onClose={onClose}>
      <div className="pw-stack">
        <p>
          “{agent.name}” is taken from this list, with its figures and its gaps. That cannot be undone. The
          readings it has sent stay, and its open alerts clear.
        </p>
        {key?.hasEnded ? (
          <p>Its API key “{key.name}” is no longer valid, so it cannot come back.</p>
        ) : (
          <p>
            It is not stopped: while it runs it comes back with its next heartbeat. To keep it away, first
            revoke its API key{key && ` “${key.name}”`} under <Link to="/settings">Settings</Link>.
          </p>
        )}
        {problem && <Note role="alert">{problem.message}</Note>}
        <div className="pw-row">
          <Button className="pw-target" disabled={isSending} onClick={() => void handleConfirm()}>
            Remove this agent
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Keep it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
