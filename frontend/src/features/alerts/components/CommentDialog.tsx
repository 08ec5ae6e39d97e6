import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAlertActions } from '../hooks/useAlertActions';
import { ActionDialog } from './ActionDialog';

interface CommentDialogProps {
  alertId: string;
  message: string;
  onClose: () => void;
  onDone: () => void;
}

/** Writes something on an alert. */
export function CommentDialog({ alertId, ...rest }: CommentDialogProps) {
  const { comment } = useAlertActions();
  const [body, setBody] = useState('');
  return (
    <ActionDialog
      title="Comment on alert"
      action="Add comment"
      onSend={() => comment(alertId, body)}
      {...rest}
    >
      <Textarea
        label="Comment"
        required
        rows={3}
        maxLength={10_000}
        data-autofocus
        value={body}
        onChange={(event) => setBody(event.currentTarget.value)}
      />
    </ActionDialog>
  );
}
