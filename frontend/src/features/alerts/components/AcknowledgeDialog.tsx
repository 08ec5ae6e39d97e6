import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAcknowledge } from '../hooks/useAcknowledge';
import type { AlertOutcome } from '../model/outcome';
import { ActionDialog } from './ActionDialog';
import { OutcomeSelect } from './OutcomeSelect';

interface AcknowledgeDialogProps {
  alertId: string;
  message: string;
  onClose: () => void;
  onDone: () => void;
}

/** Acknowledges one alert, with a note and a judgement if there is something to say. */
export function AcknowledgeDialog({ alertId, ...rest }: AcknowledgeDialogProps) {
  const acknowledge = useAcknowledge();
  const [note, setNote] = useState('');
  const [outcome, setOutcome] = useState<AlertOutcome | null>(null);
  return (
    <ActionDialog
      title="Acknowledge alert"
      action="Acknowledge"
      onSend={() => acknowledge(alertId, note, outcome)}
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
      <OutcomeSelect value={outcome} onChange={setOutcome} />
    </ActionDialog>
  );
}
