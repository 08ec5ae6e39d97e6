import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
import { formatDateTime, formatSigned } from '~/lib/format';
import { describeChange } from '../model/health';
import classes from './Health.module.css';

export const HealthChangesChange = graphql(`
  fragment HealthChangesChange on MachineHealthChange {
    sequence
    at
    oldScore
    score
    anomalyWeight
    anomalyEpisodes
    deductions {
      rule
      description
      counted
      points
    }
  }
`);

interface HealthChangesProps {
  machineId: string;
  /** Newest first. */
  changes: readonly FragmentOf<typeof HealthChangesChange>[];
}

/** Changes shown at first. */
const newestFirst = 5;

/** The newest changes of the score, each with what was counted otherwise than before. */
export function HealthChanges({ machineId, ...props }: HealthChangesProps) {
  const changes = readFragment(HealthChangesChange, props.changes);
  const [isAllShown, setIsAllShown] = useState(false);
  if (changes.length === 0) {
    return <p className="pw-dim">The score did not change in this window.</p>;
  }
  const shown = isAllShown ? changes : changes.slice(0, newestFirst);
  return (
    <>
      <ol className="pw-list" aria-label="Changes of the score, newest first">
        {shown.map((change, index) => (
          <li key={change.sequence} className={classes.change}>
            <time dateTime={change.at} className="pw-dim">
              {formatDateTime(change.at)}
            </time>
            <strong>
              {change.oldScore} → {change.score} ({formatSigned(change.score - change.oldScore)})
            </strong>
            <ul>
              {describeChange(change, changes[index + 1]).map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      {changes.length > newestFirst && (
        <Button
          variant="default"
          className="pw-target"
          aria-expanded={isAllShown}
          onClick={() => setIsAllShown(!isAllShown)}
        >
          {isAllShown ? `Show the newest ${newestFirst} only` : `Show the newest ${changes.length} changes`}
        </Button>
      )}
      <Link to="/audit" search={{ machine: machineId, area: 'health' }}>
        All changes in the audit trail
      </Link>
    </>
  );
}
