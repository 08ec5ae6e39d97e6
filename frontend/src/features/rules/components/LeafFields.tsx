import { Checkbox, NativeSelect } from '@mantine/core';
import { machineStatuses, machineStatusWords } from '~/lib/alarm';
import { isOfMachine, type LeafDraft, operatorWords } from '../model/conditions';
import { Choice, TextField, useRuleFacts } from './fields';
import classes from './Rules.module.css';

export interface LeafProps {
  leaf: LeafDraft;
  path: string;
  onChange: (part: Partial<LeafDraft>) => void;
}

const units = { SECOND: 'second', MINUTE: 'minute', HOUR: 'hour' };
const sides = { EITHER: 'away from the mean', ABOVE: 'above the mean', BELOW: 'below the mean' };

/** The machine, when it is another one than the rule watches, and its metric. */
export function MetricFields({ leaf, path, onChange }: LeafProps) {
  const { machines, watched, problems, isReadOnly } = useRuleFacts();
  const own = leaf.machineId ? machines.filter(({ id }) => id === leaf.machineId) : watched;
  const units = new Map(own.flatMap(({ metrics }) => metrics.map(({ name, unit }) => [name, unit] as const)));
  const names = [...new Set([...units.keys(), ...(leaf.metric ? [leaf.metric] : [])])].sort();
  return (
    <>
      <NativeSelect
        label="Machine"
        size="md"
        disabled={isReadOnly}
        value={leaf.machineId}
        error={problems[`${path}.machineId`]}
        data={[
          { value: '', label: 'The watched one' },
          ...machines.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(event) => onChange({ machineId: event.currentTarget.value })}
      />
      {!isOfMachine(leaf.kind) && (
        <NativeSelect
          label="Metric"
          size="md"
          disabled={isReadOnly}
          value={leaf.metric}
          error={problems[`${path}.metric`]}
          data={[
            { value: '', label: 'Choose' },
            ...names.map((name) => ({
              value: name,
              label: units.get(name) ? `${name} (${units.get(name)})` : name,
            })),
          ]}
          onChange={(event) => onChange({ metric: event.currentTarget.value })}
        />
      )}
    </>
  );
}

function Compared({ leaf, path, onChange }: LeafProps) {
  return (
    <>
      {leaf.kind === 'deviation' ? (
        <Choice label="Side" value={leaf.side} words={sides} onChange={(side) => onChange({ side })} />
      ) : (
        <Choice
          label="Is"
          value={leaf.operator}
          words={operatorWords}
          onChange={(operator) => onChange({ operator })}
        />
      )}
      <TextField
        label={leaf.kind === 'deviation' ? 'Standard deviations' : 'Threshold'}
        path={`${path}.threshold`}
        value={leaf.threshold}
        onChange={(threshold) => onChange({ threshold })}
      />
      <TextField
        label="Clears at"
        placeholder="the threshold"
        path={`${path}.clear`}
        value={leaf.clear}
        onChange={(clear) => onChange({ clear })}
      />
    </>
  );
}

function RangeFields({ leaf, path, onChange }: LeafProps) {
  return (
    <>
      <Choice
        label="Is"
        value={leaf.isInside ? 'in' : 'out'}
        words={{ in: 'inside of', out: 'outside of' }}
        onChange={(side) => onChange({ isInside: side === 'in' })}
      />
      <TextField label="From" path={`${path}.low`} value={leaf.low} onChange={(low) => onChange({ low })} />
      <TextField label="To" path={`${path}.high`} value={leaf.high} onChange={(high) => onChange({ high })} />
      <TextField
        label="Deadband"
        placeholder="0"
        path={`${path}.deadband`}
        value={leaf.deadband}
        onChange={(deadband) => onChange({ deadband })}
      />
    </>
  );
}

function States({ leaf, path, onChange }: LeafProps) {
  const { problems, isReadOnly } = useRuleFacts();
  return (
    <fieldset className="pw-row" style={{ border: 0, padding: 0, margin: 0 }}>
      <legend>Is one of</legend>
      {machineStatuses.map((status) => (
        <Checkbox
          key={status}
          size="md"
          disabled={isReadOnly}
          label={machineStatusWords[status]}
          checked={leaf.states.includes(status)}
          onChange={(event) =>
            onChange({
              states: event.currentTarget.checked
                ? [...leaf.states, status]
                : leaf.states.filter((one) => one !== status),
            })
          }
        />
      ))}
      {problems[`${path}.states`] && <p className={classes.problem}>{problems[`${path}.states`]}</p>}
    </fieldset>
  );
}

/** The numbers of a condition, by its kind. */
export function LeafNumbers(props: LeafProps) {
  const { leaf, path, onChange } = props;
  switch (leaf.kind) {
    case 'comparison':
      return <Compared {...props} />;
    case 'range':
      return <RangeFields {...props} />;
    case 'rate':
      return (
        <>
          <Compared {...props} />
          <Choice label="Per" value={leaf.unit} words={units} onChange={(unit) => onChange({ unit })} />
          <TextField
            label="Over"
            path={`${path}.windowSeconds`}
            value={leaf.window}
            onChange={(window) => onChange({ window })}
          />
        </>
      );
    case 'deviation':
      return (
        <>
          <Compared {...props} />
          <TextField
            label="Hours before"
            path={`${path}.hours`}
            value={leaf.hours}
            onChange={(hours) => onChange({ hours })}
          />
          <TextField
            label="Least readings"
            path={`${path}.minSamples`}
            value={leaf.minSamples}
            onChange={(minSamples) => onChange({ minSamples })}
          />
        </>
      );
    case 'noData':
      return (
        <TextField
          label="Nothing for"
          path={`${path}.seconds`}
          value={leaf.silence}
          onChange={(silence) => onChange({ silence })}
        />
      );
    case 'machineState':
      return <States {...props} />;
    case 'machineRunning':
      return (
        <Choice
          label="Is"
          value={leaf.isRunning ? 'yes' : 'no'}
          words={{ yes: 'running', no: 'not running' }}
          onChange={(is) => onChange({ isRunning: is === 'yes' })}
        />
      );
    case 'machineService':
      return (
        <Choice
          label="Is"
          value={leaf.isInService ? 'yes' : 'no'}
          words={{ yes: 'in service', no: 'out of service' }}
          onChange={(is) => onChange({ isInService: is === 'yes' })}
        />
      );
  }
}
