import { Button } from '@mantine/core';
import { useMachineNames } from '~/ui/MachineFilter';
import { type Policy, scopeText } from '../model/policy';
import { ChainLine } from './ChainLine';

interface PolicyCardProps {
  policy: Policy;
  canEdit: boolean;
  onEdit: () => void;
  onDelete: () => void;
}

/** A policy: for which alerts, its chain, and what may be done with it. */
export function PolicyCard({ policy, canEdit, onEdit, onDelete }: PolicyCardProps) {
  const machineNames = useMachineNames();
  return (
    <section className="pw-panel pw-stack" aria-label={policy.name}>
      <div className="pw-spread">
        <div>
          <h2>
            {policy.name}
            {!policy.isActive && <span className="pw-dim"> · switched off</span>}
          </h2>
          <p className="pw-dim">
            For {scopeText(policy, machineNames)}
            {policy.stopsOnClear ? '' : '; goes on when the alert clears'}
          </p>
        </div>
        {canEdit && (
          <div className="pw-row">
            <Button
              variant="default"
              className="pw-target"
              aria-label={`Edit ${policy.name}`}
              onClick={onEdit}
            >
              Edit
            </Button>
            <Button
              variant="default"
              className="pw-target"
              aria-label={`Delete ${policy.name}`}
              onClick={onDelete}
            >
              Delete
            </Button>
          </div>
        )}
      </div>
      <ChainLine policy={policy} />
    </section>
  );
}
