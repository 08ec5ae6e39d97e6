import { Button, CopyButton } from '@mantine/core';
import classes from './Health.module.css';

/** How anybody computes the scores of this machine again. */
export function HealthRecipe({ machineId }: { machineId: string }) {
  const commands = [
    'plantwright journal export --tenant TENANT --output EXPORT.jsonl',
    `python docs/recompute_health.py EXPORT.jsonl ${machineId}`,
  ].join('\n');
  return (
    <details className={classes.recipe}>
      <summary>Compute it again by hand</summary>
      <div className="pw-stack">
        <p>
          Multiply each row’s points by what it counts and take the sum from 100: that is the alert score.
          Then put both scores into the formula. A script of standard Python, which shares no code with the
          product, does the same for every score in an export of the audit trail:
        </p>
        <pre>{commands}</pre>
        <CopyButton value={commands}>
          {({ copied, copy }) => (
            <Button variant="default" className="pw-target" onClick={copy}>
              {copied ? 'Copied' : 'Copy the commands'}
            </Button>
          )}
        </CopyButton>
      </div>
    </details>
  );
}
