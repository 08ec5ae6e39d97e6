import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { useSourceMutations } from '../hooks/useSourceMutations';
import type { Source } from '../model/sourceFragment';

interface DeleteDialogProps {
  source: Source;
  onClose: () => void;
  onDeleted: () => void;
}

export function DeleteDialog({ source, onClose, onDeleted }: DeleteDialogProps) {
  const { remove } = useSourceMutations();
  return (
    <ConfirmDialog
      title={`Delete ${source.name}`}
      action="Delete the source"
      onConfirm={() => remove(source.id)}
      onDone={onDeleted}
      onClose={onClose}
    >
      The server stops reading {source.address}, and forgets its settings, its password and where its tags
      went. The readings of {source.machine.name} that are stored stay. To stop only for a time, pause it.
    </ConfirmDialog>
  );
}
