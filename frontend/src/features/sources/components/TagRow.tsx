import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { formatUnit, formatValue } from '~/lib/format';
import { registerTypes } from '../model/registers';
import type { TagDraft, TagField, TagProblems } from '../model/tagDraft';
import classes from './TagTable.module.css';

export interface ShownValue {
  value: number | null;
  /** A line below, such as the value before the scaling or its age. */
  detail?: string;
}

interface TagRowProps {
  draft: TagDraft;
  /** What the fields of this row are called by a screen reader. */
  name: string;
  problems: TagProblems;
  isModbus: boolean;
  isReadOnly: boolean;
  value: ShownValue | null;
  valueTitle: string;
  onChange: (part: Partial<TagDraft>) => void;
  onRemove: () => void;
}

const orders = { BIG: 'high word first', LITTLE: 'low word first' } as const;
const labels: Record<TagField, string> = {
  tag: 'Tag',
  metricName: 'Metric',
  unit: 'Unit',
  scale: 'Scale',
  offset: 'Offset',
};

function Cell(props: TagRowProps & { field: TagField; className?: string }) {
  const { draft, field, problems, isReadOnly, name, onChange, className } = props;
  const isNumber = field === 'scale' || field === 'offset';
  if (isReadOnly) {
    return (
      <td className={`${className} ${classes.text}`} data-label={labels[field]}>
        {draft[field] || '–'}
      </td>
    );
  }
  return (
    <td className={className} data-label={labels[field]}>
      <TextInput
        aria-label={`${labels[field]} of ${name}`}
        size="sm"
        autoComplete="off"
        spellCheck={false}
        inputMode={isNumber ? 'decimal' : undefined}
        title={field === 'tag' ? draft.tag : undefined}
        value={draft[field]}
        error={problems[field]}
        onChange={(event) => onChange({ [field]: event.currentTarget.value })}
      />
    </td>
  );
}

function RegisterCell({ draft, name, isReadOnly, onChange }: TagRowProps) {
  const isBit = /^(?:\d+\/)?(?:coil|discrete):|^[01]\d{4,5}$/.test(draft.tag.trim());
  if (isBit) {
    return (
      <td className={`${classes.register} pw-dim`} data-label="Type">
        One bit
      </td>
    );
  }
  const type = draft.dataType ?? 'UINT16';
  const isOrdered = !type.endsWith('16');
  if (isReadOnly) {
    return (
      <td className={`${classes.register} ${classes.text}`} data-label="Type">
        {[type.toLowerCase(), isOrdered && orders[draft.wordOrder ?? 'BIG']].filter(Boolean).join(', ')}
      </td>
    );
  }
  return (
    <td className={classes.register} data-label="Type">
      <div className={classes.selects}>
        <NativeSelect
          aria-label={`Type of ${name}`}
          size="sm"
          value={type}
          onChange={(event) => onChange({ dataType: event.currentTarget.value as TagDraft['dataType'] })}
          data={registerTypes.map((value) => ({ value, label: value.toLowerCase() }))}
        />
        {isOrdered && (
          <NativeSelect
            aria-label={`Word order of ${name}`}
            size="sm"
            value={draft.wordOrder ?? 'BIG'}
            onChange={(event) => onChange({ wordOrder: event.currentTarget.value as TagDraft['wordOrder'] })}
            data={Object.entries(orders).map(([value, label]) => ({ value, label }))}
          />
        )}
      </div>
    </td>
  );
}

/** One tag, its metric and what comes of it. */
export function TagRow(props: TagRowProps) {
  const { draft, name, isModbus, isReadOnly, value, valueTitle, onChange, onRemove } = props;
  return (
    <tr data-off={!draft.isEnabled || undefined}>
      <td>
        <span className={classes.check}>
          <Checkbox
            aria-label={`Read ${name}`}
            size="md"
            disabled={isReadOnly}
            checked={draft.isEnabled}
            onChange={(event) => onChange({ isEnabled: event.currentTarget.checked })}
          />
        </span>
      </td>
      <Cell {...props} field="tag" className={classes.tag} />
      <Cell {...props} field="metricName" className={classes.metric} />
      <Cell {...props} field="unit" className={classes.unit} />
      {isModbus && <RegisterCell {...props} />}
      <Cell {...props} field="scale" className={classes.number} />
      <Cell {...props} field="offset" className={classes.number} />
      <td className={classes.value} data-label={valueTitle}>
        {value ? `${formatValue(value.value)} ${value.value === null ? '' : formatUnit(draft.unit)}` : '–'}
        {value?.detail && <span>{value.detail}</span>}
      </td>
      {!isReadOnly && (
        <td>
          <Button variant="subtle" className="pw-target" aria-label={`Remove ${name}`} onClick={onRemove}>
            Remove
          </Button>
        </td>
      )}
    </tr>
  );
}
