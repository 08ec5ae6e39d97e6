import { Checkbox } from '@mantine/core';
import { TextField, useRuleFacts } from './fields';
import type { DraftProps } from './RuleBasics';
import classes from './Rules.module.css';

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

function ScheduleFields({ draft, onChange }: DraftProps) {
  const { problems, isReadOnly } = useRuleFacts();
  return (
    <>
      <div className={classes.fields}>
        <TextField
          label="Time zone"
          path="schedule.timeZone"
          className={classes.wide}
          value={draft.timeZone}
          onChange={(timeZone) => onChange({ timeZone })}
        />
        <TextField
          label="From"
          path="schedule.from"
          value={draft.from}
          onChange={(from) => onChange({ from })}
        />
        <TextField label="To" path="schedule.to" value={draft.to} onChange={(to) => onChange({ to })} />
      </div>
      <div className="pw-row">
        {days.map((name, index) => (
          <Checkbox
            key={name}
            size="md"
            label={name}
            disabled={isReadOnly}
            checked={draft.days.includes(index + 1)}
            onChange={(event) =>
              onChange({
                days: event.currentTarget.checked
                  ? [...draft.days, index + 1].sort()
                  : draft.days.filter((day) => day !== index + 1),
              })
            }
          />
        ))}
      </div>
      {problems['schedule.days'] && <p className={classes.problem}>{problems['schedule.days']}</p>}
      <p className="pw-dim">A span that passes midnight belongs to the day on which it begins.</p>
    </>
  );
}

/** Delays, and when the rule holds at all. */
export function RuleTimes(props: DraftProps) {
  const { draft, onChange } = props;
  const { isReadOnly } = useRuleFacts();
  return (
    <section className="pw-panel pw-stack" aria-label="Delays and schedule">
      <div className={classes.fields}>
        <TextField
          label="Starts after"
          placeholder="at once"
          path="onDelaySeconds"
          value={draft.onDelay}
          onChange={(onDelay) => onChange({ onDelay })}
        />
        <TextField
          label="Ends after"
          placeholder="at once"
          path="offDelaySeconds"
          value={draft.offDelay}
          onChange={(offDelay) => onChange({ offDelay })}
        />
        <TextField
          label="Rests for"
          placeholder="not at all"
          path="cooldownSeconds"
          value={draft.cooldown}
          onChange={(cooldown) => onChange({ cooldown })}
        />
        <Checkbox
          size="md"
          mt="xl"
          label="Only at certain times"
          disabled={isReadOnly}
          checked={draft.hasSchedule}
          onChange={(event) => onChange({ hasSchedule: event.currentTarget.checked })}
        />
      </div>
      {draft.hasSchedule && <ScheduleFields {...props} />}
    </section>
  );
}
