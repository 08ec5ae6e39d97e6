import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAcknowledge } from '../hooks/useAcknowledge';
import { ActionDialog } from './ActionDialog';

interface AcknowledgeDialogProps {
  alertId: string;
  message: string;
  onClose: () => void;
  onDone: () => void;
}

/** Acknowledges one alert, with a note if there is something to say. */
export function AcknowledgeDialog({ alertId, ...rest }: AcknowledgeDialogProps) {
  const acknowledge = useAcknowledge();
  const [note, setNote] = useState('');
  return (
    <ActionDialog
      title="Acknowledge alert"
      action="Acknowledge"
      onSend={() => acknowledge(alertId, note)}
      {...rest}
    >
      <TextInput
        label="Note (optional)"
        placeholder="What you saw or did"
        size="md"
        maxLength={2000}
        data-autofocus
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </ActionDialog>
  );
}
