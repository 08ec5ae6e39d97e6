import { Button, Checkbox, TextInput } from '@mantine/core';
import { weekdayNames } from '../model/rotation';
import type { WindowDraft } from '../model/rotationDraft';
import classes from './Escalation.module.css';

interface WindowFieldsProps {
  window: WindowDraft;
  number: number;
  isReadOnly?: boolean;
  canRemove: boolean;
  onChange: (part: Partial<WindowDraft>) => void;
  onRemove: () => void;
}

/** Days of the week, and from when to when. */
export function WindowFields(props: WindowFieldsProps) {
  const { window, number, isReadOnly, canRemove, onChange, onRemove } = props;
  return (
    <fieldset className={classes.group} disabled={isReadOnly}>
      <legend>Window {number}</legend>
      <div className="pw-stack">
        <div className="pw-row">
          {weekdayNames.map((name, index) => (
            <Checkbox
              key={name}
              className={classes.check}
              size="md"
              label={name}
              checked={window.weekdays.includes(index + 1)}
              onChange={(event) =>
                onChange({
                  weekdays: event.currentTarget.checked
                    ? [...window.weekdays, index + 1]
                    : window.weekdays.filter((day) => day !== index + 1),
                })
              }
            />
          ))}
        </div>
        <div className={classes.fields}>
          <TextInput
            label="From"
            type="time"
            size="md"
            value={window.start}
            onChange={(event) => onChange({ start: event.currentTarget.value })}
          />
          <TextInput
            label="To"
            description={window.end > window.start ? undefined : 'On the next day'}
            type="time"
            size="md"
            value={window.end}
            onChange={(event) => onChange({ end: event.currentTarget.value })}
          />
        </div>
        {canRemove && (
          <div>
            <Button
              variant="default"
              className="pw-target"
              aria-label={`Take out window ${number}`}
              onClick={onRemove}
            >
              Take out
            </Button>
          </div>
        )}
      </div>
    </fieldset>
  );
}
