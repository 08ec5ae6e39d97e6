import { Explanation } from '~/features/detectors/components/Explanation';
import type { AlertCause, Severity } from '~/lib/alarm';
import { toWords } from '~/lib/format';
import type { Triage } from '../hooks/useTriage';
import classes from './Triage.module.css';

const explained: readonly AlertCause[] = ['STATIC_BASELINE', 'EWMA', 'RATE_OF_CHANGE', 'MULTIVARIATE'];

interface WhyProps {
  alert: Triage['alert'];
  cause: AlertCause;
  severity: Severity;
  unit: string;
}

function writeInput(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** Why there is an alert: of a detector as a picture, else the facts that it was concluded from. */
export function Why({ alert, cause, severity, unit }: WhyProps) {
  const { evidence, value, score, threshold } = alert;
  const inputs = evidence.inputs as Record<string, unknown>;
  return (
    <section className="pw-panel pw-stack" aria-label="Why">
      <h2>Why</h2>
      {explained.includes(cause) ? (
        <Explanation
          cause={cause}
          severity={severity}
          inputs={inputs}
          formula={evidence.formula}
          value={value}
          unit={unit}
          score={score}
          threshold={threshold}
        />
      ) : (
        <>
          <p className="pw-code">{evidence.formula}</p>
          <dl className={classes.inputs}>
            {Object.entries(inputs).map(([name, input]) => (
              <div key={name}>
                <dt>{toWords(name)}</dt>
                <dd className="pw-code">{writeInput(input)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </section>
  );
}
