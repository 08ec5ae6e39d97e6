import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { DetectionFields } from '~/features/settings/components/DetectionFields';
import { useUpdateMetricDetection } from '~/features/settings/hooks/useUpdateMetricDetection';
import {
  type Detection,
  type DetectionDraft,
  readChanges,
  toDraft,
} from '~/features/settings/model/detection';
import type { UserProblem } from '~/gql/mutationResult';
import { canManageMachines, useViewer } from '~/lib/viewer';
import { Note } from '~/ui/Note';

export interface DetectorMetric {
  id: string;
  hasOwnDetection: boolean;
  detection: Detection;
}

interface DetectorFormProps {
  metric: DetectorMetric;
  draft: DetectionDraft;
  onDraft: (draft: DetectionDraft) => void;
  onSaved: () => void;
}

/** The numbers of a metric's detectors. Whoever may not save can still try them. */
export function DetectorForm({ metric, draft, onDraft, onSaved }: DetectorFormProps) {
  const canSave = canManageMachines(useViewer());
  const update = useUpdateMetricDetection();
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const changes = readChanges(draft, metric.detection);
  const isChanged = changes !== null && Object.keys(changes).length > 0;
  const send = async (detection: Partial<Detection> | null): Promise<void> => {
    setIsSaving(true);
    const refused = await update({ metricId: metric.id, detection });
    setIsSaving(false);
    setProblem(refused);
    if (!refused) {
      onSaved();
    }
  };
  const handleSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (changes && isChanged) {
      void send(changes);
    }
  };
  return (
    <form className="pw-stack" onSubmit={handleSubmit} noValidate aria-label="Detection settings">
      <p>
        {metric.hasOwnDetection
          ? 'This metric has settings of its own; what it leaves open comes from the '
          : 'This metric follows the '}
        <Link to="/settings">plant’s defaults</Link>. Change a number to see what it would have found.
      </p>
      {!canSave && <Note>You can try settings here. Saving them is for operators and administrators.</Note>}
      {problem && <Note role="alert">{problem.message}</Note>}
      {changes === null && <Note role="status">One of the fields is not a number, so nothing is tried.</Note>}
      <DetectionFields
        draft={draft}
        current={metric.detection}
        isReadOnly={false}
        onChange={(part) => onDraft({ ...draft, ...part })}
      />
      <div className="pw-row">
        {canSave && (
          <Button type="submit" className="pw-target" disabled={!isChanged} loading={isSaving}>
            Save for this metric
          </Button>
        )}
        <Button
          variant="default"
          className="pw-target"
          disabled={changes !== null && !isChanged}
          onClick={() => onDraft(toDraft(metric.detection))}
        >
          Undo changes
        </Button>
        {canSave && metric.hasOwnDetection && (
          <Button variant="default" className="pw-target" onClick={() => void send(null)}>
            Use the plant’s defaults
          </Button>
        )}
      </div>
    </form>
  );
}
