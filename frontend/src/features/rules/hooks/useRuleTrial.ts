import { useState } from 'react';
import { useClient } from 'urql';
import { type Outcome, readOutcome } from '~/gql/mutationResult';
import { AlertRuleTrial, type RuleTrial } from '../model/operations';
import type { RuleInput } from '../model/ruleInput';

export interface TrialState {
  outcome: Outcome<RuleTrial> | null;
  isRunning: boolean;
  run: (rule: RuleInput, hours: number) => void;
}

/** Tries a rule on the stored readings of the last hours, when asked to. */
export function useRuleTrial(): TrialState {
  const client = useClient();
  const [outcome, setOutcome] = useState<Outcome<RuleTrial> | null>(null);
  const [isRunning, setIsRunning] = useState(false);
  const run = (rule: RuleInput, hours: number): void => {
    const to = new Date();
    const from = new Date(to.getTime() - hours * 3_600_000);
    setIsRunning(true);
    void client
      .query(
        AlertRuleTrial,
        { input: { rule, from: from.toISOString(), to: to.toISOString(), maxPoints: 600 } },
        { requestPolicy: 'network-only' },
      )
      .toPromise()
      .then((result) => {
        setOutcome(readOutcome(result, (data) => data.alertRuleTrial));
        setIsRunning(false);
      });
  };
  return { outcome, isRunning, run };
}
