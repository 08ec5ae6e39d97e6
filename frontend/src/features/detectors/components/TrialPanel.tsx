import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { ToggleFilter } from '~/ui/ToggleFilter';
import type { TrialState } from '../hooks/useTrial';
import { type Compared, summarise } from '../model/comparing';
import { describePeriod, type PeriodName, periodNames } from '../model/search';
import classes from './DetectorsPage.module.css';

interface OutcomeProps<Trial> extends TrialState<Trial> {
  picture: (trial: Trial) => ReactNode;
  /** What is to be seen in the picture. */
  legend: string;
  /** Under the picture. */
  children: (trial: Trial) => ReactNode;
}

interface TrialPanelProps<Trial> extends OutcomeProps<Trial> {
  period: PeriodName;
  onPeriod: (period: PeriodName) => void;
}

function Outcome<Trial extends Compared<unknown>>(props: OutcomeProps<Trial>) {
  const { trial, isRunning, error, run, picture, legend, children } = props;
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
          <div className={`${classes.picture} pw-panel`}>{picture(trial)}</div>
          <p className="pw-dim">{legend}</p>
          {children(trial)}
        </>
      )}
    </div>
  );
}

/** The settings tried on the stored readings of a period, as a picture. */
export function TrialPanel<Trial extends Compared<unknown>>({
  period,
  onPeriod,
  ...outcome
}: TrialPanelProps<Trial>) {
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
          <Button variant="default" className="pw-target" onClick={outcome.run}>
            Try again now
          </Button>
        </div>
      </div>
      <Outcome {...outcome} />
    </section>
  );
}
