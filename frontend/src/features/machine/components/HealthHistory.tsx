import { useState } from 'react';
import { formatSpan } from '~/lib/format';
import { ErrorState } from '~/ui/ErrorState';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { ToggleFilter } from '~/ui/ToggleFilter';
import { useHealthHistory } from '../hooks/useHealthHistory';
import { type HealthWindow, healthWindowNames, healthWindows } from '../model/health';
import { HealthChanges } from './HealthChanges';
import { HealthChart } from './HealthChart';

/** The score over time, and what changed it. */
export function HealthHistory({ machineId }: { machineId: string }) {
  const [window, setWindow] = useState<HealthWindow>('7d');
  const { answer, reload } = useHealthHistory(machineId, window);
  const history = answer?.history;
  return (
    <section className="pw-panel pw-stack" aria-labelledby="health-history-title">
      <h2 id="health-history-title">Score over time</h2>
      <ToggleFilter
        label="Period"
        words={healthWindowNames}
        selected={[window]}
        describe={(name) => healthWindows[name].label}
        onChange={(names) => setWindow(names.at(-1) ?? window)}
      />
      {!answer && <SkeletonRows label="Loading the history of the score" count={2} height={72} />}
      {answer?.error && !history && (
        <ErrorState
          what="The history of the score could not be loaded."
          error={answer.error}
          onRetry={reload}
        />
      )}
      {answer && history && (
        <>
          <HealthChart from={answer.from} to={answer.to} span={history} isReduced={history.isReduced} />
          {history.isReduced && (
            <p className="pw-dim">
              Line: last score of about {formatSpan((answer.to - answer.from) / 400)}. Band: lowest to
              highest.
            </p>
          )}
          <HealthChanges machineId={machineId} changes={history.changes} />
        </>
      )}
    </section>
  );
}
