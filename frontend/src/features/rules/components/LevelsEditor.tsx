import { Button } from '@mantine/core';
import { severities, severityWords } from '~/lib/alarm';
import { type LevelDraft, newLevel, type RuleDraft, takenKeys } from '../model/ruleDraft';
import { GroupEditor } from './ConditionEditor';
import { Choice, useRuleFacts } from './fields';
import classes from './Rules.module.css';

interface LevelsEditorProps {
  draft: RuleDraft;
  onChange: (part: Partial<RuleDraft>) => void;
}

/** The conditions for each severity; the highest true one counts. */
export function LevelsEditor({ draft, onChange }: LevelsEditorProps) {
  const { levels } = draft;
  const { problems, isReadOnly } = useRuleFacts();
  const keys = takenKeys(draft);
  const unused = severities.filter((severity) => levels.every((level) => level.severity !== severity));
  const setLevel = (index: number, part: Partial<LevelDraft>): void =>
    onChange({ levels: levels.map((old, at) => (at === index ? { ...old, ...part } : old)) });
  return (
    <section className="pw-stack" aria-labelledby="levels-title">
      <h2 id="levels-title">When</h2>
      {levels.map(({ severity, condition }, index) => (
        <section key={condition.id} className="pw-panel pw-stack" aria-label={severityWords[severity]}>
          <div className="pw-row pw-row-end">
            <Choice
              label="Severity"
              path={`levels.${index}.severity`}
              value={severity}
              words={severityWords}
              onChange={(chosen) => setLevel(index, { severity: chosen })}
            />
            {!isReadOnly && levels.length > 1 && (
              <Button
                variant="default"
                className="pw-target"
                onClick={() => onChange({ levels: levels.filter((_, at) => at !== index) })}
              >
                Remove {severityWords[severity].toLowerCase()}
              </Button>
            )}
          </div>
          <GroupEditor
            group={condition}
            depth={1}
            place=""
            path={`levels.${index}.condition`}
            takenKeys={keys}
            onRemove={undefined}
            onChange={(changed) => setLevel(index, { condition: changed })}
          />
        </section>
      ))}
      {problems.levels && <p className={classes.problem}>{problems.levels}</p>}
      {!isReadOnly && unused[0] && (
        <div>
          <Button
            variant="default"
            className="pw-target"
            onClick={() => onChange({ levels: [...levels, newLevel(draft, unused[0] ?? 'INFO')] })}
          >
            Add another severity
          </Button>
        </div>
      )}
    </section>
  );
}
