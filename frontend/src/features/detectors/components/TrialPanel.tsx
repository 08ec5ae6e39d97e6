import { Button } from '@mantine/core';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { ToggleFilter } from '~/ui/ToggleFilter';
import type { TrialState } from '../hooks/useTrial';
import { describePeriod, type PeriodName, periodNames } from '../model/search';
import { summarise } from '../model/trial';
import classes from './DetectorsPage.module.css';
import { EpisodeTable } from './EpisodeTable';
import { TrialPicture } from './TrialPicture';

interface TrialPanelProps extends TrialState {
  period: PeriodName;
  onPeriod: (period: PeriodName) => void;
}

function Outcome({ trial, isRunning, error, run }: TrialState) {
  const refusal = error?.graphQLErrors.find(({ extensions }) => extensions.code === 'VALIDATION_FAILED');
  if (refusal) {
    return <Note role="alert">{refusal.message}</Note>;
  }
  if (error) {
    return <ErrorState what="The settings could not be tried." error={error} onRetry={run} />;
  }
  if (!trial) {
    return <SkeletonRows label="Trying the settings on stored readings" count={3} height={140} />;
  }
  return (
    <div className="pw-stack" data-running={isRunning || undefined} aria-busy={isRunning}>
      <p role="status">{isRunning ? 'Trying the settings on stored readings …' : summarise(trial)}</p>
      {trial.readingCount === 0 ? (
        <Note>There are no readings of good quality in this period: choose a longer one.</Note>
      ) : (
        <>
          <div className={`${classes.picture} pw-panel`}>
            <TrialPicture trial={trial} />
          </div>
          <p className="pw-dim">
            Band: within the limits of the baseline. Scores under it, each with its threshold: dashed as shown
            here, dotted as it is now. Bars: what would be found, what is found now, and the alerts there
            were.
          </p>
          <EpisodeTable trial={trial} />
        </>
      )}
    </div>
  );
}

/** The settings tried on the stored readings of a period, as a picture. */
export function TrialPanel({ period, onPeriod, ...state }: TrialPanelProps) {
  return (
    <section className="pw-stack" aria-labelledby="trial-title">
      <div className="pw-spread">
        <h2 id="trial-title">On stored readings</h2>
        <div className="pw-row">
          <ToggleFilter
            label="Period"
            words={periodNames}
            selected={[period]}
            describe={describePeriod}
            onChange={(chosen) => onPeriod(chosen.find((name) => name !== period) ?? period)}
          />
          <Button variant="default" className="pw-target" onClick={state.run}>
            Try again now
          </Button>
        </div>
      </div>
      <Outcome {...state} />
    </section>
  );
}
