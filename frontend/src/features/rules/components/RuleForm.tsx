import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { severityWords } from '~/lib/alarm';
import { canAdminister, useViewer } from '~/lib/viewer';
import { Note } from '~/ui/Note';
import { useRuleCheck } from '../hooks/useRuleCheck';
import { useRuleMutations } from '../hooks/useRuleMutations';
import type { RuleMachine } from '../model/operations';
import { draftOf, newRule, type RuleDraft } from '../model/ruleDraft';
import type { Rule } from '../model/ruleFragment';
import { RuleFactsContext } from './fields';
import { LevelsEditor } from './LevelsEditor';
import { OverrideTable } from './OverrideTable';
import { RuleBasics } from './RuleBasics';
import classes from './Rules.module.css';
import { RuleTimes } from './RuleTimes';
import { TrialPanel } from './TrialPanel';

interface RuleFormProps {
  /** Missing for a new one. */
  rule?: Rule;
  machines: readonly RuleMachine[];
}

function watchedOf(draft: RuleDraft, machines: readonly RuleMachine[]): readonly RuleMachine[] {
  return machines.filter(({ id, kind }) =>
    draft.scope === 'machine' ? id === draft.machineId : kind === draft.machineKind,
  );
}

/** The whole rule: what it says, in plain words too, and what it would have done. */
export function RuleForm({ rule, machines }: RuleFormProps) {
  const isReadOnly = !canAdminister(useViewer());
  const navigate = useNavigate();
  const mutations = useRuleMutations();
  const [draft, setDraft] = useState<RuleDraft>(() => (rule ? draftOf(rule) : newRule()));
  const [refusal, setRefusal] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const { input, problems, words, cost } = useRuleCheck(draft);
  const change = (part: Partial<RuleDraft>): void => setDraft((old) => ({ ...old, ...part }));
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const outcome = await (rule ? mutations.update(rule, input) : mutations.create(input));
    setIsSending(false);
    if (outcome.ok) {
      await navigate({ to: '/rules' });
      return;
    }
    setRefusal(outcome.problem);
  };
  const refused = refusal
    ? { [refusal.path.filter((one) => one !== 'rule').join('.')]: refusal.message }
    : {};
  const facts = {
    machines,
    watched: watchedOf(draft, machines),
    problems: { ...refused, ...problems },
    isReadOnly,
  };
  return (
    <RuleFactsContext value={facts}>
      <form className={classes.form} onSubmit={(event) => void handleSubmit(event)} aria-label="Rule">
        <RuleBasics draft={draft} onChange={change} />
        <LevelsEditor draft={draft} onChange={change} />
        <RuleTimes draft={draft} onChange={change} />
        {draft.scope === 'kind' && <OverrideTable draft={draft} onChange={change} />}
        {words && (
          <section className="pw-panel" aria-label="In plain words">
            <ul className={classes.summary}>
              {draft.levels.map(({ severity }, index) => (
                <li key={severity}>
                  {severityWords[severity]} when {words[index]}
                </li>
              ))}
            </ul>
            {cost && (
              <p className="pw-dim">
                Costs {cost.is} of at most {cost.most} on each machine.
              </p>
            )}
          </section>
        )}
        <TrialPanel input={input} isSound={words !== null && Object.keys(problems).length === 0} />
        {refusal && <Note role="alert">{refusal.message}</Note>}
        {!isReadOnly && (
          <div className="pw-row">
            <Button type="submit" className="pw-target" loading={isSending}>
              {rule ? 'Save the rule' : 'Make the rule'}
            </Button>
            <Button variant="default" className="pw-target" onClick={() => void navigate({ to: '/rules' })}>
              Cancel
            </Button>
          </div>
        )}
      </form>
    </RuleFactsContext>
  );
}
