import { useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import tables from '~/ui/DataTable.module.css';
import { Note } from '~/ui/Note';
import { useSourceMutations } from '../hooks/useSourceMutations';
import type { Source } from '../model/sourceFragment';
import { SourceRow } from './SourceRow';
import classes from './Sources.module.css';

interface SourceTableProps {
  sources: readonly Source[];
  perMinute: (id: string) => number | null;
  canChange: boolean;
  onChanged: () => void;
}

/** The sources, what wants attention first. */
export function SourceTable({ sources, perMinute, canChange, onChanged }: SourceTableProps) {
  const { setPaused } = useSourceMutations();
  const [busyId, setBusyId] = useState<string | null>(null);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const handleSetPaused = async ({ id, isPaused }: Source): Promise<void> => {
    setBusyId(id);
    const outcome = await setPaused(id, !isPaused);
    setBusyId(null);
    setProblem(outcome.ok ? null : outcome.problem);
    onChanged();
  };
  return (
    <>
      {problem && <Note role="alert">{problem.message}</Note>}
      <div className={tables.frame}>
        <table className={tables.table}>
          <caption className="pw-hidden">Sources, what wants attention first</caption>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Source</th>
              <th scope="col" className={classes.wideOnly}>
                Protocol and address
              </th>
              <th scope="col" data-number>
                Last reading
              </th>
              <th scope="col" data-number>
                Per minute
              </th>
              <th scope="col" className={classes.wideOnly}>
                Error
              </th>
              {canChange && <td className={classes.corner} />}
            </tr>
          </thead>
          <tbody>
            {sources.map((source) => (
              <SourceRow
                key={source.id}
                source={source}
                perMinute={perMinute(source.id)}
                isBusy={busyId === source.id}
                onSetPaused={canChange ? (one) => void handleSetPaused(one) : undefined}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
