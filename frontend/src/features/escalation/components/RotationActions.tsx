import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { useRotationMutations } from '../hooks/useRotationMutations';
import type { Override, Rotation } from '../model/rotation';
import { OverrideDialog } from './OverrideDialog';
import { RotationDialog } from './RotationDialog';

export type Action =
  | { kind: 'edit'; rotation: Rotation | null }
  | { kind: 'delete'; rotation: Rotation }
  | { kind: 'override'; rotation: Rotation }
  | { kind: 'takeAway'; rotation: Rotation; override: Override };

interface RotationActionsProps {
  action: Action;
  onClose: () => void;
  onChanged: () => void;
}

/** The dialog of what a person is about to do with a rotation. */
export function RotationActions({ action, onClose, onChanged }: RotationActionsProps) {
  const { remove, removeOverride } = useRotationMutations();
  switch (action.kind) {
    case 'edit':
      return <RotationDialog rotation={action.rotation} onClose={onClose} onChanged={onChanged} />;
    case 'override':
      return <OverrideDialog rotation={action.rotation} onClose={onClose} onChanged={onChanged} />;
    case 'delete':
      return (
        <ConfirmDialog
          title={`Delete ${action.rotation.name}`}
          action="Delete the rotation"
          onConfirm={() => remove(action.rotation.id)}
          onDone={onChanged}
          onClose={onClose}
        >
          Its turns and overrides are forgotten. A rotation that a policy tells cannot be deleted.
        </ConfirmDialog>
      );
    case 'takeAway':
      return (
        <ConfirmDialog
          title="Take away an override"
          action="Take it away"
          onConfirm={() => removeOverride(action.override.id)}
          onDone={onChanged}
          onClose={onClose}
        >
          Whoever’s turn it is in {action.rotation.name} is on call again instead of{' '}
          {action.override.user?.fullName ?? 'somebody'}.
        </ConfirmDialog>
      );
  }
}
