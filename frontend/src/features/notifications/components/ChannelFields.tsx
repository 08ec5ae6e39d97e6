import { NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import type { Values } from '../model/channelDraft';
import type { ChannelField } from '../model/channelFragment';
import { fieldLabel, fieldPlaceholder } from '../model/typeWords';
import classes from './Notifications.module.css';

/** Texts that have several lines. */
const longFields = new Set(['body', 'ca_certificate']);

interface FieldProps {
  field: ChannelField;
  value: string | boolean;
  problem: string | undefined;
  /** Whether something secret is stored, which an empty field leaves as it is. */
  hasSecrets: boolean;
  onChange: (value: string | boolean) => void;
}

function TextField({ field, value, problem, hasSecrets, onChange }: FieldProps) {
  const isStored = field.isSecret && hasSecrets;
  const shared = {
    label: fieldLabel(field.name),
    size: 'md',
    autoComplete: 'off',
    spellCheck: false,
    required: field.isRequired && !isStored,
    withAsterisk: false,
    error: problem,
    value: String(value),
    placeholder: isStored ? 'Stored; type to replace it' : fieldPlaceholder(field.name),
  } as const;
  if (field.kind === 'TEXTS' || longFields.has(field.name)) {
    return (
      <Textarea
        {...shared}
        className={classes.wholeLine}
        rows={3}
        resize="vertical"
        description={field.kind === 'TEXTS' ? 'One in each line, such as X-Key: value' : undefined}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  return (
    <TextInput
      {...shared}
      type={field.isSecret ? 'password' : 'text'}
      autoComplete={field.isSecret ? 'new-password' : 'off'}
      inputMode={field.kind === 'NUMBER' ? 'numeric' : undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function Field(props: FieldProps) {
  const { field, value, problem, onChange } = props;
  if (field.kind === 'SWITCH') {
    return (
      <Switch
        className="pw-target"
        size="md"
        label={fieldLabel(field.name)}
        error={problem}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (field.kind === 'CHOICE') {
    return (
      <NativeSelect
        label={fieldLabel(field.name)}
        size="md"
        error={problem}
        value={String(value)}
        onChange={(event) => onChange(event.currentTarget.value)}
        data={[...field.choices]}
      />
    );
  }
  return <TextField {...props} />;
}

interface ChannelFieldsProps {
  fields: readonly ChannelField[];
  values: Values;
  problems: Readonly<Record<string, string>>;
  hasSecrets: boolean;
  onChange: (name: string, value: string | boolean) => void;
}

/** The settings of a channel's type, as its schema has them: needed ones first, the others behind a fold. */
export function ChannelFields({ fields, values, problems, hasSecrets, onChange }: ChannelFieldsProps) {
  const draw = (field: ChannelField) => (
    <Field
      key={field.name}
      field={field}
      value={values[field.name] ?? ''}
      problem={problems[field.name]}
      hasSecrets={hasSecrets}
      onChange={(value) => onChange(field.name, value)}
    />
  );
  const needed = fields.filter((field) => field.isRequired);
  const further = fields.filter((field) => !field.isRequired);
  return (
    <>
      <div className={classes.fields}>{needed.map(draw)}</div>
      {further.length > 0 && (
        <details open={further.some(({ name }) => problems[name])}>
          <summary className="pw-target">More settings</summary>
          <div className={classes.fields}>{further.map(draw)}</div>
        </details>
      )}
    </>
  );
}
