import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { formatCount } from '~/lib/format';
import { useAlertActions } from '../hooks/useAlertActions';
import { bulkOf } from '../model/bulk';
import { ActionDialog } from './ActionDialog';

interface BulkAcknowledgeProps {
  /** Those on the screen, and no others. */
  alerts: Parameters<typeof bulkOf>[0];
  onDone: () => void;
}

/** Acknowledges the alerts on the screen, within one site. */
export function BulkAcknowledge({ alerts, onDone }: BulkAcknowledgeProps) {
  const { acknowledgeAll } = useAlertActions();
  const [isOpen, setIsOpen] = useState(false);
  const [note, setNote] = useState('');
  const { ids, obstacle } = bulkOf(alerts);
  if (ids.length < 2) {
    return null;
  }
  const words = `${formatCount(ids.length)} alerts`;
  return (
    <div className="pw-row">
      <Button
        variant="default"
        className="pw-target"
        disabled={obstacle !== null}
        onClick={() => setIsOpen(true)}
      >
        Acknowledge the {words} shown
      </Button>
      {obstacle && <span className="pw-dim">{obstacle}</span>}
      {isOpen && (
        <ActionDialog
          title={`Acknowledge ${words}`}
          action={`Acknowledge ${words}`}
          message="These are the unacknowledged alerts of the list as it stands on the screen. Alerts that come meanwhile are not among them."
          onSend={() => acknowledgeAll(ids, note)}
          onClose={() => setIsOpen(false)}
          onDone={onDone}
        >
          <TextInput
            label="Note (optional)"
            size="md"
            maxLength={2000}
            data-autofocus
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        </ActionDialog>
      )}
    </div>
  );
}
