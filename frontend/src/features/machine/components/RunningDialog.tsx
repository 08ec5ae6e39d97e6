import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { formatUnit, toWords } from '~/lib/format';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { type RunningCondition, useSetRunning } from '../hooks/useRunning';
import {
  type Comparison,
  comparisons,
  comparisonWords,
  measured,
  readLimit,
  wouldRun,
} from '../model/running';
import classes from './Running.module.css';

export interface RunningMetric {
  id: string;
  name: string;
  unit: string;
  latest: { value: number } | null;
}

interface RunningDialogProps {
  machineId: string;
  /** At least one. */
  metrics: readonly RunningMetric[];
  /** Null for a new one. */
  condition: RunningCondition | null;
  onClose: () => void;
  onDone: () => void;
}

function Preview(props: { metric: RunningMetric | undefined; comparison: Comparison; limit: number | null }) {
  const { metric, comparison, limit } = props;
  if (!metric?.latest) {
    return <p>This metric has no reading yet. Until it has, the machine counts as running.</p>;
  }
  const newest = `The newest value is ${measured(metric.latest.value, metric.unit)}.`;
  if (limit === null) {
    return <p>{newest}</p>;
  }
  return (
    <p>
      {newest} With it the machine {wouldRun(metric.latest.value, comparison, limit) ? 'runs' : 'is stopped'}.
    </p>
  );
}

/** Says by which metric a machine can be seen to run. */
export function RunningDialog({ machineId, metrics, condition, onClose, onDone }: RunningDialogProps) {
  const set = useSetRunning(machineId);
  const [metricId, setMetricId] = useState(condition?.metricId ?? metrics[0]?.id ?? '');
  const [comparison, setComparison] = useState<Comparison>(condition?.comparison ?? 'GREATER');
  const [text, setText] = useState(condition ? String(condition.value) : '');
  const [isChecked, setIsChecked] = useState(false);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const metric = metrics.find(({ id }) => id === metricId);
  const limit = readLimit(text);
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsChecked(true);
    if (limit === null) {
      return;
    }
    setIsSending(true);
    const outcome = await set({ metricId, comparison, value: limit });
    setIsSending(false);
    if (outcome.ok) {
      onDone();
      onClose();
    } else {
      setProblem(outcome.problem);
    }
  };
  const isAtValue = problem?.path.includes('value') ?? false;
  const valueError =
    isChecked && limit === null ? 'Give a number.' : isAtValue ? problem?.message : undefined;
  return (
    <Dialog title="When does this machine run?" isOpen onClose={onClose}>
      <form className="pw-stack" noValidate onSubmit={(event) => void handleSubmit(event)}>
        {problem && !isAtValue && <Note role="alert">{problem.message}</Note>}
        <p>It runs while the newest reading of the metric is</p>
        <div className={classes.fields}>
          <NativeSelect
            label="Metric"
            size="md"
            value={metricId}
            onChange={(event) => setMetricId(event.currentTarget.value)}
            data={metrics.map(({ id, name }) => ({ value: id, label: toWords(name) }))}
          />
          <NativeSelect
            label="Is"
            size="md"
            value={comparison}
            onChange={(event) => setComparison(event.currentTarget.value as Comparison)}
            data={comparisons.map((value) => ({ value, label: comparisonWords[value] }))}
          />
          <TextInput
            label={metric?.unit ? `Value, in ${formatUnit(metric.unit)}` : 'Value'}
            inputMode="decimal"
            autoComplete="off"
            size="md"
            data-autofocus
            value={text}
            error={valueError}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </div>
        <div role="status">
          <Preview metric={metric} comparison={comparison} limit={limit} />
        </div>
        <div className="pw-row">
          <Button type="submit" className="pw-target" disabled={isSending}>
            Save condition
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
