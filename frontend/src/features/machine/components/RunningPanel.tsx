import { Button } from '@mantine/core';
import { useState } from 'react';
import { formatDateTime } from '~/lib/format';
import { canManageMachines, useViewer } from '~/lib/viewer';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { ErrorState } from '~/ui/ErrorState';
import { type Fact, FactList } from '~/ui/FactList';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { StateMark } from '~/ui/StateMark';
import { type RunningCondition, useRunning, useSetRunning } from '../hooks/useRunning';
import { describeCondition, measured } from '../model/running';
import { RunningDialog, type RunningMetric } from './RunningDialog';

interface RunningPanelProps {
  machineId: string;
  metrics: readonly RunningMetric[];
}

function RunningMark({ isRunning }: Pick<RunningCondition, 'isRunning'>) {
  if (isRunning === null) {
    return <StateMark shape="dashed" word="Not known yet" isAbnormal={false} />;
  }
  return isRunning ? (
    <StateMark shape="circle" word="Runs" isAbnormal={false} />
  ) : (
    <StateMark shape="bars" word="Stopped" isAbnormal />
  );
}

function Known({ condition, metric }: { condition: RunningCondition; metric: RunningMetric | undefined }) {
  const facts: Fact[] = [
    ['State', <RunningMark key="state" isRunning={condition.isRunning} />],
    ['Since', condition.since ? formatDateTime(condition.since) : '–'],
    ['Runs while', describeCondition(condition, metric?.unit ?? '')],
    ['Newest value', metric?.latest ? measured(metric.latest.value, metric.unit) : 'No reading yet'],
  ];
  return <FactList facts={facts} />;
}

/** Whether the machine runs, by which metric that is seen, and what becomes of its alerts while it does not. */
export function RunningPanel({ machineId, metrics }: RunningPanelProps) {
  const canChange = canManageMachines(useViewer());
  const [dialog, setDialog] = useState<'edit' | 'remove' | null>(null);
  const { condition, isLoaded, error, reload } = useRunning(machineId);
  const set = useSetRunning(machineId);
  const close = { onClose: () => setDialog(null), onDone: reload };
  return (
    <section className="pw-panel pw-stack" aria-labelledby="running-title">
      <h2 id="running-title">Running or stopped</h2>
      {error && !isLoaded && (
        <ErrorState what="Whether the machine runs could not be loaded." error={error} onRetry={reload} />
      )}
      {!isLoaded && !error && <SkeletonRows label="Loading whether the machine runs" count={1} />}
      {condition && (
        <Known condition={condition} metric={metrics.find(({ id }) => id === condition.metricId)} />
      )}
      {isLoaded && (
        <p className="pw-dim">
          {condition
            ? 'While it is stopped, its alerts are raised and listed, and nobody is notified: they are suppressed by design.'
            : 'It always counts as running. Once it is known by which metric it can be seen to run, nobody is notified of its alerts while it is stopped.'}
        </p>
      )}
      {isLoaded && canChange && metrics.length === 0 && (
        <p>
          A condition needs a metric, and this machine has none yet: it gets them with its first readings.
        </p>
      )}
      {isLoaded && canChange && metrics.length > 0 && (
        <div className="pw-row">
          <Button variant="default" className="pw-target" onClick={() => setDialog('edit')}>
            {condition ? 'Change condition' : 'Say when it runs'}
          </Button>
          {condition && (
            <Button variant="default" className="pw-target" onClick={() => setDialog('remove')}>
              Remove condition
            </Button>
          )}
        </div>
      )}
      {dialog === 'edit' && (
        <RunningDialog machineId={machineId} metrics={metrics} condition={condition} {...close} />
      )}
      {dialog === 'remove' && (
        <ConfirmDialog
          title="Remove the running condition"
          action="Remove condition"
          onConfirm={() => set(null)}
          {...close}
        >
          The machine counts as running from now on. Alerts that are suppressed because it is stopped, and are
          still active, announce themselves.
        </ConfirmDialog>
      )}
    </section>
  );
}
