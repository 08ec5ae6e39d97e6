import { Checkbox, TextInput } from '@mantine/core';
import tables from '~/ui/DataTable.module.css';
import { leavesOf } from '../model/conditions';
import type { OverrideDraft } from '../model/ruleDraft';
import { mainNumber } from '../model/ruleInput';
import { useRuleFacts } from './fields';
import type { DraftProps } from './RuleBasics';
import classes from './Rules.module.css';

const asInRule: OverrideDraft = { isEnabled: true, numbers: {} };

/** What a template does otherwise on single machines. */
export function OverrideTable({ draft, onChange }: DraftProps) {
  const { watched, problems, isReadOnly } = useRuleFacts();
  const leaves = draft.levels.flatMap(({ condition }) => leavesOf(condition)).filter(mainNumber);
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
              {leaves.map((leaf) => (
                <th key={leaf.id} scope="col">
                  {leaf.metric || 'Condition'} {leaf.key}
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
                  {leaves.map((leaf) => (
                    <td key={leaf.id}>
                      <TextInput
                        className={classes.short}
                        aria-label={`${leaf.metric || 'Condition'} ${leaf.key} on ${name}`}
                        placeholder={leaf.kind === 'noData' ? leaf.silence : leaf.threshold || leaf.high}
                        readOnly={isReadOnly}
                        error={problems[`overrides.${id}.${leaf.key}`]}
                        value={own.numbers[leaf.key] ?? ''}
                        onChange={(event) =>
                          set(id, { numbers: { ...own.numbers, [leaf.key]: event.currentTarget.value } })
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
