import { useClient } from 'urql';
import { type Outcome, readOutcome } from '~/gql/mutationResult';
import { alertRuleCreate, alertRuleDelete, alertRuleSetEnabled, alertRuleUpdate } from '../model/operations';
import type { Rule } from '../model/ruleFragment';
import type { RuleInput } from '../model/ruleInput';

export interface RuleMutations {
  create: (rule: RuleInput) => Promise<Outcome<{ rule: Rule }>>;
  update: (old: Rule, rule: RuleInput) => Promise<Outcome<{ rule: Rule }>>;
  setEnabled: (id: string, isEnabled: boolean) => Promise<Outcome<unknown>>;
  remove: (id: string) => Promise<Outcome<unknown>>;
}

/** Changes of rules; each answers what came of it, or why it was refused. */
export function useRuleMutations(): RuleMutations {
  const client = useClient();
  return {
    create: async (rule) =>
      readOutcome(
        await client.mutation(alertRuleCreate, { input: { rule } }),
        (data) => data.alertRuleCreate,
      ),
    update: async ({ id, version }, rule) =>
      readOutcome(
        await client.mutation(alertRuleUpdate, { input: { id, expectedVersion: version, rule } }),
        (data) => data.alertRuleUpdate,
      ),
    setEnabled: async (id, isEnabled) =>
      readOutcome(
        await client.mutation(alertRuleSetEnabled, { input: { id, isEnabled } }),
        (data) => data.alertRuleSetEnabled,
      ),
    remove: async (id) =>
      readOutcome(await client.mutation(alertRuleDelete, { input: { id } }), (data) => data.alertRuleDelete),
  };
}
