import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { SourceStateMark } from '~/features/sources/components/SourceStateMark';
import { useSource } from '~/features/sources/hooks/useSource';
import { currentError, stateAdvice } from '~/features/sources/model/state';
import { formatCount, formatTimeOfDay, formatUnit, formatValue, toWords } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { useFirstValues } from '../hooks/useFirstValues';
import type { ChosenMachine } from '../model/draft';
import { type FirstValue, sparkline } from '../model/firstValues';
import classes from './Connect.module.css';
import { StepPanel } from './StepPanel';
import type { StepProps } from './step';

const width = 120;
const height = 28;

function Sparkline({ trend }: { trend: FirstValue['trend'] }) {
  const points = sparkline(trend, width, height);
  const [x = '0', y = '0'] = points.split(' ').at(-1)?.split(',') ?? [];
  return (
    <svg className={classes.line} aria-hidden="true" viewBox={`0 0 ${width} ${height}`}>
      <polyline points={points} />
      <circle cx={x} cy={y} r="2.5" />
    </svg>
  );
}

function ValueRow({ metric, unit, value }: { metric: string; unit: string; value: FirstValue | undefined }) {
  return (
    <tr>
      <th scope="row" className={classes.rowName}>
        {toWords(metric)}
      </th>
      <td data-number>{value ? `${formatValue(value.value)} ${formatUnit(value.unit || unit)}` : '–'}</td>
      <td>{value ? formatTimeOfDay(value.time) : 'Waiting for the first reading…'}</td>
      <td>{value && <Sparkline trend={value.trend} />}</td>
    </tr>
  );
}

/** How the new source does while its values are waited for. */
function SourceState({ id }: { id: string }) {
  const { source } = useSource(id, 2_000);
  if (!source) {
    return null;
  }
  const error = currentError(source);
  return (
    <>
      <p className="pw-row">
        <SourceStateMark state={source.status.state} />
        <span className="pw-dim">{stateAdvice[source.status.state]}</span>
      </p>
      {error && <Note role="alert">{error}</Note>}
    </>
  );
}

interface ValuesStepProps extends StepProps {
  machine: ChosenMachine;
  onRestart: () => void;
}

/** The first readings as they come in, and the way to the machine. */
export function ValuesStep({ draft, machine, onBack, onRestart }: ValuesStepProps) {
  const mapped = draft.tags.filter(({ isEnabled }) => isEnabled);
  const names = mapped.map(({ metricName }) => metricName.trim());
  const { values, error, refetch } = useFirstValues(machine.id, names, draft.baseline);
  const isAll = names.every((name) => values.has(name));
  return (
    <StepPanel title={`First values of ${machine.name}`}>
      {draft.source && <SourceState id={draft.source.id} />}
      {!draft.source && !isAll && (
        <p className="pw-dim">
          They come once the agent has read its configuration and reaches this server; its own view is{' '}
          <span className="pw-code">plantwright-agent status</span>, ours is under{' '}
          <Link to="/agents">Agents</Link>. You can leave this page: what you entered is found here again.
        </p>
      )}
      {error && values.size === 0 && (
        <ErrorState what="The readings could not be loaded." error={error} onRetry={refetch} />
      )}
      <p role="status">
        <strong>
          {isAll
            ? 'Every metric has readings.'
            : `Readings of ${formatCount(values.size)} of ${formatCount(names.length)} metrics.`}
        </strong>
      </p>
      <div className={tables.frame}>
        <table className={tables.table}>
          <caption className="pw-hidden">First values</caption>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col" data-number>
                Value
              </th>
              <th scope="col">Time</th>
              <th scope="col">Since then</th>
            </tr>
          </thead>
          <tbody>
            {mapped.map(({ key, metricName, unit }) => (
              <ValueRow
                key={key}
                metric={metricName.trim()}
                unit={unit}
                value={values.get(metricName.trim())}
              />
            ))}
          </tbody>
        </table>
      </div>
      <div className="pw-row">
        <Link className="pw-action pw-target" to="/machines/$machineId" params={{ machineId: machine.id }}>
          Open the machine
        </Link>
        {draft.source && (
          <Link to="/sources/$sourceId" params={{ sourceId: draft.source.id }}>
            Open the source
          </Link>
        )}
        <Button variant="default" className="pw-target" onClick={onBack}>
          Back
        </Button>
        <Button variant="default" className="pw-target" onClick={onRestart}>
          Connect another machine
        </Button>
      </div>
    </StepPanel>
  );
}
