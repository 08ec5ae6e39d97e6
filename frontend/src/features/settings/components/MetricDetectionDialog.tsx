import { Button } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { graphql } from '~/gql/graphql';
import type { UserProblem } from '~/gql/mutationResult';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { toWords } from '~/lib/format';
import { canAdminister, useViewer } from '~/lib/viewer';
import { Dialog } from '~/ui/Dialog';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useUpdateMetricDetection } from '../hooks/useUpdateMetricDetection';
import { type Detection, DetectionParameters, readChanges, toDraft } from '../model/detection';
import { DetectionFields } from './DetectionFields';

const MetricDetection = graphql(
  `
    query MetricDetection($machineId: ID!) {
      machine(id: $machineId) {
        id
        metrics {
          id
          name
          hasOwnDetection
          detection {
            ...DetectionParameters
          }
        }
      }
    }
  `,
  [DetectionParameters],
);

interface MetricFormProps {
  metric: { id: string; hasOwnDetection: boolean; detection: Detection };
  onClose: () => void;
}

function MetricForm({ metric, onClose }: MetricFormProps) {
  const isAdmin = canAdminister(useViewer());
  const update = useUpdateMetricDetection();
  const [draft, setDraft] = useState(() => toDraft(metric.detection));
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const changes = readChanges(draft, metric.detection);
  const send = async (detection: Partial<Detection> | null): Promise<void> => {
    const refused = await update({ metricId: metric.id, detection });
    setProblem(refused);
    if (!refused) {
      onClose();
    }
  };
  const handleSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (changes) {
      void send(changes);
    }
  };
  return (
    <form className="pw-stack" onSubmit={handleSubmit} noValidate>
      <p>
        {metric.hasOwnDetection
          ? 'This metric has settings of its own; what it leaves open comes from the plant’s defaults.'
          : 'This metric follows the plant’s defaults.'}
      </p>
      {!isAdmin && <Note>Only an administrator can change these settings.</Note>}
      {problem && <Note role="alert">{problem.message}</Note>}
      <DetectionFields
        draft={draft}
        current={metric.detection}
        isReadOnly={!isAdmin}
        onChange={(part) => setDraft((old) => ({ ...old, ...part }))}
      />
      {isAdmin && (
        <div className="pw-row">
          <Button
            type="submit"
            className="pw-target"
            disabled={!changes || Object.keys(changes).length === 0}
          >
            Save for this metric
          </Button>
          {metric.hasOwnDetection && (
            <Button variant="default" className="pw-target" onClick={() => void send(null)}>
              Use the plant’s defaults
            </Button>
          )}
        </div>
      )}
    </form>
  );
}

interface MetricDetectionDialogProps {
  machineId: string;
  metricId: string;
  onClose: () => void;
}

/** The detection settings in force for one metric. */
export function MetricDetectionDialog({ machineId, metricId, onClose }: MetricDetectionDialogProps) {
  const [{ data, error }, execute] = useLastingQuery({
    query: MetricDetection,
    variables: { machineId },
    requestPolicy: 'network-only',
  });
  const metric = data?.machine?.metrics.find(({ id }) => id === metricId);
  return (
    <Dialog title={`Detection of ${toWords(metric?.name ?? 'metric')}`} isOpen onClose={onClose} size="xl">
      {error && (
        <ErrorState
          what="The settings could not be loaded."
          error={error}
          onRetry={() => execute({ requestPolicy: 'network-only' })}
        />
      )}
      {!metric && !error && <SkeletonRows label="Loading the settings" count={4} />}
      {metric && <MetricForm key={metric.id} metric={metric} onClose={onClose} />}
    </Dialog>
  );
}
