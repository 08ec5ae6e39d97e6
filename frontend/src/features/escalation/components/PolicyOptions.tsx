import { Checkbox, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { MachineFilter } from '~/ui/MachineFilter';
import type { PolicyDraft } from '../model/policyDraft';
import classes from './Escalation.module.css';
import { SeverityChecks } from './SeverityChecks';

interface PolicyOptionsProps {
  draft: PolicyDraft;
  problems: Record<string, string>;
  onChange: (part: Partial<PolicyDraft>) => void;
  /** The steps. */
  children: ReactNode;
}

/** Everything of a policy but its steps: for which alerts it is, and how it repeats. */
export function PolicyOptions({ draft, problems, onChange, children }: PolicyOptionsProps) {
  return (
    <>
      <TextInput
        label="Name"
        size="md"
        maxLength={100}
        data-autofocus
        value={draft.name}
        error={problems.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <SeverityChecks
        label="For alerts that are"
        description="None chosen: all. The policies apply that name machine, site and severity most closely."
        choices={['CRITICAL', 'WARNING', 'INFO']}
        value={draft.severities}
        onChange={(severities) => onChange({ severities })}
      />
      <div className={classes.fields}>
        <TextInput
          label="In these sites"
          description="Locations of machines, with commas; empty: everywhere"
          size="md"
          value={draft.sites}
          onChange={(event) => onChange({ sites: event.currentTarget.value })}
        />
        <MachineFilter
          label="Of this machine"
          emptyLabel="All machines"
          value={draft.machineId || undefined}
          onChange={(machineId) => onChange({ machineId: machineId ?? '' })}
        />
      </div>
      {children}
      <div className={classes.fields}>
        <TextInput
          label="Rounds"
          description="How often the chain is gone through"
          type="number"
          min={1}
          max={10}
          size="md"
          value={draft.rounds}
          error={problems.rounds}
          onChange={(event) => onChange({ rounds: event.currentTarget.value })}
        />
        <TextInput
          label="Minutes between rounds"
          description="From the last step to the first again"
          type="number"
          min={1}
          size="md"
          value={draft.repeatAfterMinutes}
          error={problems.repeatAfterMinutes}
          onChange={(event) => onChange({ repeatAfterMinutes: event.currentTarget.value })}
        />
      </div>
      <Checkbox
        className={classes.check}
        size="md"
        label="Stop when the alert clears, though nobody has acknowledged it"
        checked={draft.stopsOnClear}
        onChange={(event) => onChange({ stopsOnClear: event.currentTarget.checked })}
      />
      <Checkbox
        className={classes.check}
        size="md"
        label="Switched on"
        checked={draft.isActive}
        onChange={(event) => onChange({ isActive: event.currentTarget.checked })}
      />
    </>
  );
}
