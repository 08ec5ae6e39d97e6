import { Checkbox, TextInput } from '@mantine/core';
import type { Draft, ParameterField, Parameters } from '../model/parameters';
import classes from './SettingsPage.module.css';

interface ParameterFieldsProps<Name extends string> {
  /** What the switch says. */
  onLabel: string;
  fields: readonly ParameterField<Name>[];
  draft: Draft<Name>;
  /** What is in force: shown beside a field that was changed. */
  current: Parameters<Name>;
  isReadOnly: boolean;
  onChange: (draft: Draft<Name>) => void;
}

export function ParameterFields<Name extends string>(props: ParameterFieldsProps<Name>) {
  const { onLabel, fields, draft, current, isReadOnly, onChange } = props;
  return (
    <div className="pw-stack">
      <Checkbox
        label={onLabel}
        size="md"
        disabled={isReadOnly}
        checked={draft.enabled}
        onChange={(event) => onChange({ ...draft, enabled: event.currentTarget.checked })}
      />
      <div className={classes.fields}>
        {fields.map(({ name, label, help, isWhole }) => {
          const isChanged = Number(draft[name]) !== current[name];
          return (
            <TextInput
              key={name}
              label={label}
              description={isChanged ? `${help}. Now ${current[name]} → ${draft[name]}` : help}
              type="number"
              step={isWhole ? 1 : 'any'}
              size="md"
              readOnly={isReadOnly}
              value={draft[name]}
              onChange={(event) => onChange({ ...draft, [name]: event.currentTarget.value })}
            />
          );
        })}
      </div>
    </div>
  );
}
