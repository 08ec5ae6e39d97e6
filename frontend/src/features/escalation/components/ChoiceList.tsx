import { NativeSelect } from '@mantine/core';
import classes from './Escalation.module.css';

export interface Choice {
  id: string;
  label: string;
}

interface ChoiceListProps {
  label: string;
  /** Text of the empty choice, such as "Add a person". */
  addLabel: string;
  choices: readonly Choice[];
  chosen: readonly Choice[];
  error?: string | undefined;
  onAdd: (id: string) => void;
  onRemove: (id: string) => void;
}

/** Several things of a list, in an order: those that are chosen can be taken out, the others added. */
export function ChoiceList({ label, addLabel, choices, chosen, error, onAdd, onRemove }: ChoiceListProps) {
  const rest = choices.filter(({ id }) => !chosen.some((one) => one.id === id));
  return (
    <div className="pw-stack">
      {chosen.length > 0 && (
        <ul className="pw-list pw-row" aria-label={`${label}: chosen`}>
          {chosen.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                className={classes.chosen}
                aria-label={`Take out ${one.label}`}
                onClick={() => onRemove(one.id)}
              >
                {one.label} <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <NativeSelect
        label={label}
        size="md"
        value=""
        error={error}
        onChange={(event) => event.currentTarget.value && onAdd(event.currentTarget.value)}
        data={[{ value: '', label: addLabel }, ...rest.map((one) => ({ value: one.id, label: one.label }))]}
      />
    </div>
  );
}
