import { toWords } from '~/lib/format';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { useServiceActions } from '../hooks/useServiceActions';

interface ReturnDialogProps {
  id: string;
  machineName: string;
  /** Name of the metric; null when it is the whole machine. */
  metric: string | null;
  onClose: () => void;
  /** Called also when somebody else was quicker. */
  onDone: () => void;
}

/** Returns something to service, after saying what that means. */
export function ReturnDialog({ id, machineName, metric, onClose, onDone }: ReturnDialogProps) {
  const { giveBack } = useServiceActions();
  const subject = metric ? `${toWords(metric)} of ${machineName}` : machineName;
  const handleConfirm = async () => {
    const outcome = await giveBack(id);
    if (!outcome.ok && outcome.problem.kind === 'Conflict') {
      onDone();
    }
    return outcome;
  };
  return (
    <ConfirmDialog
      title="Return to service"
      action="Return to service"
      keep="Leave it out of service"
      onConfirm={handleConfirm}
      onDone={onDone}
      onClose={onClose}
    >
      {subject} is in service again from now on. Alerts of it that are still active announce themselves.
    </ConfirmDialog>
  );
}
