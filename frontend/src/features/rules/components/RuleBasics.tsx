import { Checkbox, NativeSelect } from '@mantine/core';
import type { RuleDraft } from '../model/ruleDraft';
import { kindWords } from '../model/words';
import { Choice, TextField, useRuleFacts } from './fields';
import classes from './Rules.module.css';

export interface DraftProps {
  draft: RuleDraft;
  onChange: (part: Partial<RuleDraft>) => void;
}

/** What the rule is called and which machines it watches. */
export function RuleBasics({ draft, onChange }: DraftProps) {
  const { machines, problems, isReadOnly } = useRuleFacts();
  return (
    <section className="pw-panel pw-stack" aria-label="Name and machines">
      <div className={classes.fields}>
        <TextField
          label="Name"
          path="name"
          className={classes.wide}
          value={draft.name}
          onChange={(name) => onChange({ name })}
        />
        <TextField
          label="What to do about it"
          path="description"
          className={classes.wide}
          value={draft.description}
          onChange={(description) => onChange({ description })}
        />
      </div>
      <div className={classes.fields}>
        <Choice
          label="Watches"
          value={draft.scope}
          words={{ machine: 'one machine', kind: 'every machine of a kind' }}
          onChange={(scope) => onChange({ scope })}
        />
        {draft.scope === 'machine' ? (
          <NativeSelect
            label="Watched machine"
            size="md"
            disabled={isReadOnly}
            value={draft.machineId}
            error={problems.machineId}
            data={[
              { value: '', label: 'Choose' },
              ...machines.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            onChange={(event) => onChange({ machineId: event.currentTarget.value })}
          />
        ) : (
          <Choice
            label="Kind"
            path="machineKind"
            value={draft.machineKind}
            words={kindWords}
            onChange={(machineKind) => onChange({ machineKind })}
          />
        )}
        <Checkbox
          size="md"
          mt="xl"
          label="Switched on"
          disabled={isReadOnly}
          checked={draft.isEnabled}
          onChange={(event) => onChange({ isEnabled: event.currentTarget.checked })}
        />
      </div>
    </section>
  );
}
