import { Checkbox, TextInput } from '@mantine/core';
import tables from '~/ui/DataTable.module.css';
import { overrideColumns } from '../model/overrides';
import type { OverrideDraft } from '../model/ruleDraft';
import { useRuleFacts } from './fields';
import type { DraftProps } from './RuleBasics';
import classes from './Rules.module.css';

const asInRule: OverrideDraft = { isEnabled: true, numbers: {} };

/** What a template does otherwise on single machines. */
export function OverrideTable({ draft, onChange }: DraftProps) {
  const { watched, problems, isReadOnly } = useRuleFacts();
  const columns = overrideColumns(draft);
  const set = (machineId: string, part: Partial<OverrideDraft>): void => {
    const { [machineId]: old = asInRule, ...others } = draft.overrides;
    const changed = { ...old, ...part };
    const isPlain = changed.isEnabled && Object.values(changed.numbers).every((typed) => !typed.trim());
    onChange({ overrides: isPlain ? others : { ...others, [machineId]: changed } });
  };
  return (
    <section className="pw-stack" aria-labelledby="overrides-title">
      <h2 id="overrides-title">On single machines</h2>
      <p className="pw-dim">An empty field is as in the rule.</p>
      <div className={tables.frame}>
        <table className={tables.table}>
          <thead>
            <tr>
              <th scope="col">Machine</th>
              <th scope="col">Watched</th>
              {columns.map(({ id, label }) => (
                <th key={id} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {watched.map(({ id, name }) => {
              const own = draft.overrides[id] ?? asInRule;
              return (
                <tr key={id}>
                  <th scope="row" className={classes.name}>
                    {name}
                  </th>
                  <td>
                    <Checkbox
                      size="md"
                      aria-label={`Watch ${name}`}
                      disabled={isReadOnly}
                      checked={own.isEnabled}
                      onChange={(event) => set(id, { isEnabled: event.currentTarget.checked })}
                    />
                  </td>
                  {columns.map((column) => (
                    <td key={column.id}>
                      <TextInput
                        className={classes.short}
                        aria-label={`${column.label} on ${name}`}
                        placeholder={column.inRule}
                        readOnly={isReadOnly}
                        error={problems[`overrides.${id}.${column.id}`]}
                        value={own.numbers[column.id] ?? ''}
                        onChange={(event) =>
                          set(id, { numbers: { ...own.numbers, [column.id]: event.currentTarget.value } })
                        }
                      />
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
