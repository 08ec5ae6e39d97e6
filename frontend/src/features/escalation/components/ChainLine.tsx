import { minutesAfterAlert, type Policy, repeatText, targetText, waitText } from '../model/policy';
import classes from './Escalation.module.css';

interface ChainLineProps {
  policy: Pick<Policy, 'name' | 'steps' | 'rounds' | 'repeatAfterMinutes'>;
}

/** The chain of a policy as a line: the alert, then each step with its wait, its time and whom it tells. */
export function ChainLine({ policy }: ChainLineProps) {
  const after = minutesAfterAlert(policy.steps);
  const repeat = repeatText(policy);
  return (
    <ol className={`pw-list ${classes.chain}`} aria-label={`Chain of ${policy.name}`}>
      <li className={classes.link}>
        <div className={classes.step} data-quiet>
          <strong>Alert</strong>
          <span className="pw-dim">nobody takes care</span>
        </div>
      </li>
      {policy.steps.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is known by its place in the chain alone
        <li key={index} className={classes.link}>
          <div className={classes.wait}>
            <span>{step.waitMinutes === 0 ? 'at once' : `+ ${waitText(step.waitMinutes)}`}</span>
          </div>
          <div className={classes.step}>
            <strong>
              {index + 1}. after {waitText(after[index] ?? 0).replace('at once', '0 min')}
            </strong>
            <ul className="pw-list">
              {step.targets.map((target) => (
                <li key={target.id}>
                  {targetText(target)}
                  {target.trouble && <span className={classes.trouble}>{target.trouble}</span>}
                </li>
              ))}
            </ul>
          </div>
        </li>
      ))}
      {repeat && (
        <li className={classes.link}>
          <div className={classes.wait} data-end>
            <span>↻ {repeat}</span>
          </div>
        </li>
      )}
    </ol>
  );
}
