import { Button } from '@mantine/core';
import { useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { formatCount, formatDateTime, formatSpan } from '~/lib/format';
import { useNow } from '~/lib/now';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useRunCleanup } from '../hooks/useRunCleanup';
import { type Cleanup, describeDays, isRunning } from '../model/months';

function Deleted({ cleanup }: { cleanup: Cleanup }) {
  const { deletedReadings, deletedRollups } = cleanup;
  const rollups = deletedRollups > 0 ? ` and ${formatCount(deletedRollups)} rows of summaries` : '';
  return (
    <>
      {formatCount(deletedReadings)} readings{rollups} deleted
    </>
  );
}

function Progress({ cleanup }: { cleanup: Cleanup }) {
  const now = useNow();
  const { requestedAt, startedAt, finishedAt, requestedBy } = cleanup;
  const name = requestedBy?.fullName ?? 'someone who has left';
  if (finishedAt) {
    return (
      <p role="status">
        Last clean-up: asked for by {name}, finished {formatDateTime(finishedAt)}.{' '}
        <Deleted cleanup={cleanup} />.
      </p>
    );
  }
  if (!startedAt) {
    return (
      <p role="status">
        <strong>Waiting for the worker</strong> since {formatDateTime(requestedAt)}, asked for by {name}.
      </p>
    );
  }
  return (
    <p role="status">
      <strong>Running</strong> for {formatSpan(now - Date.parse(startedAt))}, asked for by {name}.{' '}
      <Deleted cleanup={cleanup} /> so far.
    </p>
  );
}

interface CleanupPanelProps {
  cleanup: Cleanup | null;
  rawDays: number;
  onAsked: () => void;
}

/** Asks the worker to clean up, after a confirmation, and shows how far it is. */
export function CleanupPanel({ cleanup, rawDays, onAsked }: CleanupPanelProps) {
  const run = useRunCleanup();
  const [isAsking, setIsAsking] = useState(false);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const isBusy = isRunning(cleanup);
  const handleConfirm = async (): Promise<void> => {
    setIsAsking(false);
    setProblem(await run());
    onAsked();
  };
  return (
    <section className="pw-panel pw-stack" aria-labelledby="cleanup-title">
      <h2 id="cleanup-title">Clean-up</h2>
      <div className="pw-row">
        <Button className="pw-target" disabled={isBusy} onClick={() => setIsAsking(true)}>
          {isBusy ? 'Cleaning up…' : 'Run clean-up'}
        </Button>
        <span className="pw-dim">It runs by itself every quarter of an hour; this does it now.</span>
      </div>
      {problem && <Note role="alert">{problem.message}</Note>}
      {cleanup && <Progress cleanup={cleanup} />}
      <Dialog title="Run clean-up" isOpen={isAsking} onClose={() => setIsAsking(false)}>
        <div className="pw-stack">
          <p>
            Readings older than {describeDays(rawDays)}, and summaries past their own time, are deleted for
            good. Readings that still lie in small pieces are merged. Recording goes on meanwhile.
          </p>
          <div className="pw-row">
            <Button className="pw-target" onClick={() => void handleConfirm()}>
              Delete what is too old
            </Button>
            <Button variant="default" className="pw-target" onClick={() => setIsAsking(false)}>
              Keep everything
            </Button>
          </div>
        </div>
      </Dialog>
    </section>
  );
}
