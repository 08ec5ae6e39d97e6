import { Button, TextInput } from '@mantine/core';
import { targetText } from '../model/policy';
import { type StepDraft, stepProblems, type TargetChoice } from '../model/policyDraft';
import { ChoiceList } from './ChoiceList';
import classes from './Escalation.module.css';

interface StepFieldsProps {
  step: StepDraft;
  number: number;
  choices: readonly TargetChoice[];
  canRemove: boolean;
  onChange: (part: Partial<StepDraft>) => void;
  onRemove: () => void;
}

function toChoice(target: TargetChoice): { id: string; label: string } {
  return { id: target.id, label: targetText(target) };
}

/** One step of a chain: how long it waits, and whom it tells. */
export function StepFields({ step, number, choices, canRemove, onChange, onRemove }: StepFieldsProps) {
  const problems = stepProblems(step);
  return (
    <fieldset className={classes.group}>
      <legend>Step {number}</legend>
      <div className={classes.fields}>
        <TextInput
          label="Wait, in minutes"
          description={number === 1 ? 'From the alert; 0 is at once' : 'From the step before'}
          type="number"
          min={0}
          step={1}
          size="md"
          value={step.waitMinutes}
          error={problems.waitMinutes}
          onChange={(event) => onChange({ waitMinutes: event.currentTarget.value })}
        />
        <ChoiceList
          label={`Step ${number} tells`}
          addLabel="Add whom to tell"
          choices={choices.map(toChoice)}
          chosen={step.targets.map(toChoice)}
          error={problems.targets}
          onAdd={(id) => {
            const target = choices.find((one) => one.id === id);
            onChange({ targets: target ? [...step.targets, target] : step.targets });
          }}
          onRemove={(id) => onChange({ targets: step.targets.filter((one) => one.id !== id) })}
        />
      </div>
      {canRemove && (
        <Button
          variant="default"
          className="pw-target"
          mt="md"
          aria-label={`Take out step ${number}`}
          onClick={onRemove}
        >
          Take out
        </Button>
      )}
    </fieldset>
  );
}
