import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { formatValue, toWords } from '~/lib/format';
import { canManageMachines, useViewer } from '~/lib/viewer';
import { ErrorState } from '~/ui/ErrorState';
import { FactList } from '~/ui/FactList';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { type Reference, useReference } from '../hooks/useReference';
import { CorrelationTable } from './CorrelationTable';
import { RestartDialog, VouchDialog } from './ReferenceDialogs';

const hoursOfReference = 24;

function describeState({ isReady, hoursLearnt }: Reference): string {
  if (isReady) {
    return 'The machine is judged by it.';
  }
  return hoursLearnt === 0
    ? 'Nothing has been learnt yet. The machine is judged once it has been seen in 24 hours.'
    : `Learning: ${hoursLearnt} of ${hoursOfReference} hours have been seen. Until then the machine as a whole is not judged.`;
}

function Known({ reference }: { reference: Reference }) {
  const { principalComponents, t2Limit, qLimit, metrics, metricsLeftOut } = reference;
  return (
    <>
      <FactList
        facts={[
          ['Metrics', String(metrics.length)],
          ['Components', principalComponents === null ? '–' : String(principalComponents)],
          ['Limit of T²', formatValue(t2Limit)],
          ['Limit of Q', qLimit === null ? 'none' : formatValue(qLimit)],
        ]}
      />
      <CorrelationTable metrics={metrics} />
      {metricsLeftOut.length > 0 && (
        <p className="pw-dim">
          Without a settled level, so not judged together: {metricsLeftOut.map(toWords).join(', ')}.
        </p>
      )}
    </>
  );
}

/** How the metrics of a machine go together in normal operation, and who says what that is. */
export function ReferencePanel({ machineId }: { machineId: string }) {
  const viewer = useViewer();
  const [dialog, setDialog] = useState<'vouch' | 'restart' | null>(null);
  const { reference, isLoading, error, reload } = useReference(machineId);
  const handleDone = (): void => {
    setDialog(null);
    reload();
  };
  return (
    <section className="pw-panel pw-stack" aria-labelledby="reference-title">
      <div className="pw-spread">
        <h2 id="reference-title">The machine as a whole</h2>
        <Link to="/machines/$machineId/detection" params={{ machineId }} className="pw-target">
          Detection <span className="pw-hidden">of the machine as a whole</span>
        </Link>
      </div>
      {isLoading && <SkeletonRows label="Loading what the machine is like" count={2} />}
      {error && !reference && (
        <ErrorState what="What the machine is like could not be loaded." error={error} onRetry={reload} />
      )}
      {reference && (
        <>
          <p>{describeState(reference)}</p>
          {reference.isReady && <Known reference={reference} />}
          {canManageMachines(viewer) && (
            <div className="pw-row">
              <Button variant="default" className="pw-target" onClick={() => setDialog('vouch')}>
                Confirm a normal period
              </Button>
              <Button variant="default" className="pw-target" onClick={() => setDialog('restart')}>
                Learn anew after maintenance
              </Button>
            </div>
          )}
        </>
      )}
      {dialog === 'vouch' && (
        <VouchDialog machineId={machineId} onClose={() => setDialog(null)} onDone={handleDone} />
      )}
      {dialog === 'restart' && (
        <RestartDialog machineId={machineId} onClose={() => setDialog(null)} onDone={handleDone} />
      )}
    </section>
  );
}
