import type { ConnectDraft } from '../model/draft';
import { reachableStep, stepsOf } from '../model/draft';
import type { StepName } from '../model/search';
import classes from './Connect.module.css';

const words: Record<StepName, string> = {
  machine: 'Machine',
  way: 'Way',
  connection: 'Connection',
  pick: 'Values',
  map: 'Metrics',
  file: 'Configuration',
  values: 'First values',
};

interface StepListProps {
  draft: ConnectDraft;
  current: StepName;
  onChoose: (step: StepName) => void;
}

/** Where a person is, and which steps can be gone to. */
export function StepList({ draft, current, onChoose }: StepListProps) {
  return (
    <nav aria-label="Steps">
      <ol className={classes.steps}>
        {stepsOf(draft).map((step, place) => (
          <li key={step}>
            <button
              type="button"
              className={`${classes.step} pw-target`}
              aria-current={step === current ? 'step' : undefined}
              disabled={reachableStep(draft, step) !== step}
              onClick={() => onChoose(step)}
            >
              <span className={classes.place}>{place + 1}</span>
              {step === 'connection' && draft.way === 'AGENT' ? 'Device or file' : words[step]}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
