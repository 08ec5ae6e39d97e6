import { NativeSelect, NumberInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Severity } from '~/lib/alarm';
import { formatDateTime } from '~/lib/format';
import { Note } from '~/ui/Note';
import { useAlertActions } from '../hooks/useAlertActions';
import { useAlertSettings } from '../hooks/useAlertSettings';
import { type Duration, durations, durationWords, readWish } from '../model/shelving';
import { ActionDialog } from './ActionDialog';

interface ShelveDialogProps {
  alertId: string;
  severity: Severity;
  message: string;
  onClose: () => void;
  onDone: () => void;
}

/** Puts an alert aside for a time; never for ever, and never without a reason. */
export function ShelveDialog({ alertId, severity, ...rest }: ShelveDialogProps) {
  const { shelve } = useAlertActions();
  const { settings } = useAlertSettings();
  const [duration, setDuration] = useState<Duration>('60');
  const [minutes, setMinutes] = useState('30');
  const [reason, setReason] = useState('');
  const rule = settings?.longestShelving.find((one) => one.severity === severity);
  const longest = rule?.minutes ?? 480;
  const shift = settings ? ` (${formatDateTime(settings.endOfShift)})` : '';
  const handleSend = async () => {
    const read = readWish(duration, minutes, reason, longest);
    return 'fault' in read
      ? { kind: 'ValidationFailed', message: read.fault, path: [read.field] }
      : shelve(alertId, read.wish);
  };
  return (
    <ActionDialog
      title="Shelve alert"
      action={rule?.needsSecondPerson ? 'Ask to shelve' : 'Shelve'}
      fields={duration === 'custom' ? ['reason', 'minutes'] : ['reason']}
      onSend={handleSend}
      {...rest}
    >
      {(problemAt) => (
        <>
          {rule?.needsSecondPerson && (
            <Note>A critical alert is shelved once a second person approves. Until then it goes on.</Note>
          )}
          <NativeSelect
            label="For how long"
            size="md"
            data={durations.map((value) => ({
              value,
              label: durationWords[value] + (value === 'shift' ? shift : ''),
            }))}
            value={duration}
            onChange={(event) => setDuration(event.currentTarget.value as Duration)}
          />
          {duration === 'custom' && (
            <NumberInput
              label="Minutes"
              description={`1 to ${longest}`}
              size="md"
              min={1}
              max={longest}
              value={minutes}
              clampBehavior="none"
              error={problemAt('minutes')}
              onChange={(value) => setMinutes(String(value))}
            />
          )}
          <Textarea
            label="Reason"
            rows={2}
            maxLength={2000}
            data-autofocus
            value={reason}
            error={problemAt('reason')}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </>
      )}
    </ActionDialog>
  );
}
