import { Button } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { usePolicyMutations } from '../hooks/usePolicyMutations';
import { useTargets } from '../hooks/useTargets';
import type { Policy } from '../model/policy';
import { mostSteps, newStep, policyProblems, toPolicyDraft, toPolicyInput } from '../model/policyDraft';
import { PolicyOptions } from './PolicyOptions';
import { StepFields } from './StepFields';

interface PolicyDialogProps {
  /** Null for a new one. */
  policy: Policy | null;
  onClose: () => void;
  onChanged: () => void;
}

/** Makes or changes a policy. */
export function PolicyDialog({ policy, onClose, onChanged }: PolicyDialogProps) {
  const { create, update } = usePolicyMutations();
  const { choices, hasFailed } = useTargets();
  const [draft, setDraft] = useState(() => toPolicyDraft(policy));
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const problems = policyProblems(draft);
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const input = toPolicyInput(draft, policy?.machineIds);
    const outcome = await (policy ? update(policy.id, policy.version, input) : create(input));
    setIsSending(false);
    if (outcome.ok) {
      onChanged();
      onClose();
    } else {
      setProblem(outcome.problem);
    }
  };
  return (
    <Dialog title={policy ? `Edit ${policy.name}` : 'New policy'} isOpen onClose={onClose} size="xl">
      <form className="pw-stack" noValidate onSubmit={(event) => void handleSubmit(event)}>
        {problem && <Note role="alert">{problem.message}</Note>}
        {hasFailed && (
          <Note role="alert">The people and channels could not be loaded. Close this and try again.</Note>
        )}
        <PolicyOptions
          draft={draft}
          problems={problems}
          onChange={(part) => setDraft((old) => ({ ...old, ...part }))}
        >
          {draft.steps.map((step, index) => (
            <StepFields
              key={step.key}
              step={step}
              number={index + 1}
              choices={choices}
              canRemove={draft.steps.length > 1}
              onChange={(part) =>
                setDraft((old) => ({
                  ...old,
                  steps: old.steps.map((one) => (one.key === step.key ? { ...one, ...part } : one)),
                }))
              }
              onRemove={() =>
                setDraft((old) => ({ ...old, steps: old.steps.filter(({ key }) => key !== step.key) }))
              }
            />
          ))}
          {draft.steps.length < mostSteps && (
            <div>
              <Button
                variant="default"
                className="pw-target"
                onClick={() => setDraft((old) => ({ ...old, steps: [...old.steps, newStep()] }))}
              >
                Add a step
              </Button>
            </div>
          )}
        </PolicyOptions>
        {policy && (
          <p className="pw-dim">Alerts on their way keep their place in the chain; waits change at once.</p>
        )}
        <div className="pw-row">
          <Button
            type="submit"
            className="pw-target"
            disabled={isSending || Object.keys(problems).length > 0}
          >
            {policy ? 'Save' : 'Make the policy'}
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
