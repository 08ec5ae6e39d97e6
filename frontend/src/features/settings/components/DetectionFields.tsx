import { Checkbox, TextInput } from '@mantine/core';
import { type Detection, type DetectionDraft, detectionFields } from '../model/detection';
import classes from './SettingsPage.module.css';

interface DetectionFieldsProps {
  draft: DetectionDraft;
  /** What is in force: shown beside a field that was changed. */
  current: Detection;
  isReadOnly: boolean;
  onChange: (part: Partial<DetectionDraft>) => void;
}

export function DetectionFields({ draft, current, isReadOnly, onChange }: DetectionFieldsProps) {
  return (
    <div className="pw-stack">
      <Checkbox
        label="Detection is on"
        size="md"
        disabled={isReadOnly}
        checked={draft.enabled}
        onChange={(event) => onChange({ enabled: event.currentTarget.checked })}
      />
      <div className={classes.fields}>
        {detectionFields.map(({ name, label, help, isWhole }) => {
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
              onChange={(event) => onChange({ [name]: event.currentTarget.value })}
            />
          );
        })}
      </div>
    </div>
  );
}
