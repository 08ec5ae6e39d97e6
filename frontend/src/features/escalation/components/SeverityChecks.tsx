import { Checkbox } from '@mantine/core';
import { type Severity, severityWords } from '~/lib/alarm';
import classes from './Escalation.module.css';

interface SeverityChecksProps {
  label: string;
  description: string;
  choices: readonly Severity[];
  value: readonly Severity[];
  isReadOnly?: boolean;
  onChange: (value: Severity[]) => void;
}

/** Chooses severities. */
export function SeverityChecks(props: SeverityChecksProps) {
  const { label, description, choices, value, isReadOnly, onChange } = props;
  return (
    <Checkbox.Group label={label} description={description} value={[...value]}>
      <div className="pw-row">
        {choices.map((severity) => (
          <Checkbox
            key={severity}
            value={severity}
            className={classes.check}
            size="md"
            label={severityWords[severity]}
            disabled={isReadOnly}
            onChange={(event) =>
              onChange(
                event.currentTarget.checked
                  ? [...value, severity]
                  : value.filter((other) => other !== severity),
              )
            }
          />
        ))}
      </div>
    </Checkbox.Group>
  );
}
