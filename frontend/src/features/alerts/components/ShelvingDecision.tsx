import { Button } from '@mantine/core';
import type { UserProblem } from '~/gql/mutationResult';
import { useViewer } from '~/lib/viewer';
import { useAlertActions } from '../hooks/useAlertActions';

interface ShelvingDecisionProps {
  shelf: { id: string; requestedBy: { id: string } | null };
  onRun: (action: Promise<UserProblem | null>) => Promise<void>;
}

/** What the second person says; who asked can only take it back. */
export function ShelvingDecision({ shelf, onRun }: ShelvingDecisionProps) {
  const viewer = useViewer();
  const { decide } = useAlertActions();
  const isOwn = shelf.requestedBy?.id === viewer?.userId;
  return (
    <>
      {!isOwn && (
        <Button variant="default" className="pw-target" onClick={() => void onRun(decide(shelf.id, true))}>
          Approve shelving
        </Button>
      )}
      <Button variant="default" className="pw-target" onClick={() => void onRun(decide(shelf.id, false))}>
        {isOwn ? 'Take the request back' : 'Refuse shelving'}
      </Button>
    </>
  );
}
