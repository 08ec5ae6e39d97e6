import { NativeSelect } from '@mantine/core';
import { type AlertOutcome, outcomes, outcomeWords } from '../model/outcome';

interface OutcomeSelectProps {
  value: AlertOutcome | null;
  onChange: (outcome: AlertOutcome | null) => void;
  /** Without a label of its own it says what it is for in each of its choices. */
  isCompact?: boolean;
}

/** Says what an alert turned out to be. */
export function OutcomeSelect({ value, onChange, isCompact }: OutcomeSelectProps) {
  const words = (outcome: AlertOutcome): string =>
    isCompact ? `Judged: ${outcomeWords[outcome].toLowerCase()}` : outcomeWords[outcome];
  return (
    <NativeSelect
      label={isCompact ? undefined : 'What it turned out to be (optional)'}
      aria-label={isCompact ? 'What it turned out to be' : undefined}
      size="md"
      data={[
        { value: '', label: isCompact ? 'Not judged' : 'Not known yet' },
        ...outcomes.map((outcome) => ({ value: outcome, label: words(outcome) })),
      ]}
      value={value ?? ''}
      onChange={(event) => onChange((event.currentTarget.value || null) as AlertOutcome | null)}
    />
  );
}
