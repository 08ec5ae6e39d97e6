import type { Report } from '../hooks/useSourceTest';
import {
  asksForTrust,
  outcomeWords,
  type StepName,
  type StepOutcome,
  stepNames,
  stepWords,
} from '../model/testReport';
import classes from './TestSteps.module.css';

type Shown = StepOutcome | 'WAITING';

const words: Record<Shown, string> = { ...outcomeWords, WAITING: 'not tried yet' };

function Shape({ outcome }: { outcome: Shown }) {
  switch (outcome) {
    case 'PASSED':
      return <path d="M4 13l5 5L20 6" />;
    case 'FAILED':
      return <path d="M5 5l14 14M19 5 5 19" strokeWidth="3.5" />;
    case 'SKIPPED':
      return <path d="M5 12h14" />;
    case 'WAITING':
      return <circle cx="12" cy="12" r="9" strokeDasharray="4 3" />;
  }
}

function messageOf(report: Report | null, name: StepName): string | undefined {
  if (name === 'SECURED' && report && asksForTrust(report)) {
    return 'Nobody has confirmed the certificate that the server shows. Look at it below.';
  }
  const message = report?.steps.find((step) => step.name === name)?.message;
  // An address at the beginning stays as it is written.
  return message && /^[a-z]+[ ,]/.test(message)
    ? message.charAt(0).toUpperCase() + message.slice(1)
    : message;
}

/** The steps of a test, each with what was found or what to do. */
export function TestSteps({ report, isRunning }: { report: Report | null; isRunning: boolean }) {
  return (
    <ol className={classes.steps} aria-label="Steps of the test" aria-busy={isRunning}>
      {stepNames.map((name) => {
        const step = report?.steps.find((one) => one.name === name);
        const outcome: Shown = step?.outcome ?? 'WAITING';
        return (
          <li key={name} className={classes.step} data-outcome={outcome}>
            <svg role="img" aria-label={words[outcome]} width="20" height="20" viewBox="0 0 24 24">
              <Shape outcome={outcome} />
            </svg>
            <span>{stepWords[name]}</span>
            <span>{messageOf(report, name) ?? (isRunning ? '…' : '')}</span>
          </li>
        );
      })}
    </ol>
  );
}
