import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import { useQuery } from 'urql';
import { AlertRuleCheck } from '../model/operations';
import type { RuleDraft } from '../model/ruleDraft';
import { type Problems, type RuleInput, readRule } from '../model/ruleInput';

const pauseMs = 400;

export interface RuleCheck {
  input: RuleInput;
  /** Of the fields as they are typed, else what the server says. */
  problems: Problems;
  /** Each severity in plain words; null until the server has read it. */
  words: readonly string[] | null;
  cost: { is: number; most: number } | null;
}

/** What is wrong with a rule and what it says, shortly after it was last changed. */
export function useRuleCheck(draft: RuleDraft): RuleCheck {
  const { input, problems } = useMemo(() => readRule(draft), [draft]);
  const [settled] = useDebouncedValue(input, pauseMs);
  const isTyped = Object.keys(problems).length === 0;
  const [{ data }] = useQuery({
    query: AlertRuleCheck,
    variables: { rule: settled },
    pause: !isTyped || (draft.scope === 'machine' && !draft.machineId),
  });
  const found = data?.alertRuleCheck;
  const told = Object.fromEntries(
    (isTyped ? (found?.problems ?? []) : []).map(({ path, message }) => [path.join('.'), message]),
  );
  return {
    input,
    problems: { ...told, ...problems },
    words: found?.words ?? null,
    cost: found ? { is: found.cost, most: found.maxCost } : null,
  };
}
