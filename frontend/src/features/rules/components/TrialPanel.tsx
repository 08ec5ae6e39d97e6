import { Button } from '@mantine/core';
import { useState } from 'react';
import { formatDateTime } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import { Note } from '~/ui/Note';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { type TrialState, useRuleTrial } from '../hooks/useRuleTrial';
import type { RuleTrial } from '../model/operations';
import type { RuleInput } from '../model/ruleInput';
import { trialWords } from '../model/words';
import { Choice, RuleFactsContext, useRuleFacts } from './fields';
import { TrialPicture } from './TrialPicture';

const periods = { '1': '1 hour', '24': '24 hours', '168': '7 days', '720': '30 days' } as const;
const mostRows = 50;

function Intervals({ intervals }: Pick<RuleTrial, 'intervals'>) {
  const { machines } = useRuleFacts();
  const names = new Map(machines.map(({ id, name }) => [id, name]));
  if (intervals.length === 0) {
    return null;
  }
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">When the rule would have fired</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Machine</th>
            <th scope="col">Because</th>
          </tr>
        </thead>
        <tbody>
          {intervals.slice(0, mostRows).map((one) => (
            <tr key={`${one.machineId} ${one.from}`}>
              <td className="pw-nowrap">
                <SeveritySymbol severity={one.severity} size={16} /> {formatDateTime(Date.parse(one.from))}
              </td>
              <td className="pw-nowrap">{one.to ? formatDateTime(Date.parse(one.to)) : 'still holds'}</td>
              <td>{names.get(one.machineId) ?? one.machineId}</td>
              <td>{one.message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Outcome({ outcome, isRunning }: TrialState) {
  if (isRunning) {
    return <SkeletonRows label="Trying the rule on stored readings" count={3} height={110} />;
  }
  if (!outcome) {
    return <p className="pw-dim">See how often the rule would have fired before it wakes anybody.</p>;
  }
  if (!outcome.ok) {
    return <Note role="alert">{outcome.problem.message}</Note>;
  }
  const trial = outcome.value;
  return (
    <>
      <p role="status">{trialWords(trial)}</p>
      {trial.troubles.length > 0 && <Note>Not tried: {trial.troubles[0]?.reason}</Note>}
      {trial.readings > 0 && <TrialPicture trial={trial} />}
      <Intervals intervals={trial.intervals} />
    </>
  );
}

/** The rule, as it is shown, tried on stored readings. */
export function TrialPanel({ input, isSound }: { input: RuleInput; isSound: boolean }) {
  const state = useRuleTrial();
  const facts = useRuleFacts();
  const [period, setPeriod] = useState<keyof typeof periods>('24');
  return (
    <section className="pw-stack" aria-labelledby="trial-title">
      <h2 id="trial-title">On stored readings</h2>
      <div className="pw-row pw-row-end">
        <RuleFactsContext value={{ ...facts, isReadOnly: false }}>
          <Choice label="Period" value={period} words={periods} onChange={setPeriod} />
        </RuleFactsContext>
        <Button
          variant="default"
          className="pw-target"
          disabled={!isSound || state.isRunning}
          onClick={() => state.run(input, Number(period))}
        >
          Try the rule
        </Button>
      </div>
      <Outcome {...state} />
    </section>
  );
}
