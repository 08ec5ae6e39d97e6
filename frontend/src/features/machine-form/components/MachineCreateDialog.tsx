import { useState } from 'react';
import { Dialog } from '~/ui/Dialog';
import type { CreatedMachine } from '../hooks/useCreateMachine';
import { MachineCreateForm } from './MachineCreateForm';
import { MachineNextSteps } from './MachineNextSteps';

interface MachineCreateDialogProps {
  onClose: () => void;
  onCreated: () => void;
}

/** Registers a machine, then says how its readings get here. */
export function MachineCreateDialog({ onClose, onCreated }: MachineCreateDialogProps) {
  const [created, setCreated] = useState<CreatedMachine | null>(null);
  return (
    <Dialog title={created ? `${created.name} was added` : 'Add machine'} isOpen onClose={onClose}>
      {created ? (
        <MachineNextSteps machine={created} onClose={onClose} />
      ) : (
        <MachineCreateForm
          onCancel={onClose}
          onCreated={(machine) => {
            setCreated(machine);
            onCreated();
          }}
        />
      )}
    </Dialog>
  );
}
