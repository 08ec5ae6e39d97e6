import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { formatDateTime, toWords, zoneName } from '~/lib/format';
import { toLocalInput } from '~/lib/localInput';
import { useServiceActions } from '../hooks/useServiceActions';
import {
  readServiceDraft,
  type ServiceFaults,
  type ServiceTime,
  serviceTimes,
  serviceTimeWords,
} from '../model/serviceTime';
import { ActionDialog } from './ActionDialog';

const ServiceChoices = graphql(`
  query ServiceChoices($machineId: ID!) {
    machine(id: $machineId) {
      id
      metrics {
        id
        name
      }
    }
    alertSettings {
      endOfShift
    }
  }
`);

const dayMs = 86_400_000;

interface ServiceDialogProps {
  machine: { id: string; name: string };
  /** Name of the metric that is offered first. */
  metric?: string | null;
  onClose: () => void;
  onDone: () => void;
}

/** Takes a machine, or one metric of it, out of service, with a reason and a planned end. */
export function ServiceDialog({ machine, metric = null, onClose, onDone }: ServiceDialogProps) {
  const { takeOut } = useServiceActions();
  const [{ data }] = useLastingQuery({ query: ServiceChoices, variables: { machineId: machine.id } });
  const [chosen, setChosen] = useState<string | null>(null);
  const [time, setTime] = useState<ServiceTime>('open');
  const [customEnd, setCustomEnd] = useState(() => toLocalInput(Date.now() + dayMs).slice(0, 16));
  const [reason, setReason] = useState('');
  const [faults, setFaults] = useState<ServiceFaults>({});
  const metrics = data?.machine?.metrics ?? [];
  const metricId = chosen ?? metrics.find(({ name }) => name === metric)?.id ?? '';
  const endOfShift = data?.alertSettings.endOfShift ?? null;
  const handleSend = async () => {
    const read = readServiceDraft({ time, customEnd, reason }, Date.now(), endOfShift);
    setFaults('faults' in read ? read.faults : {});
    if ('faults' in read) {
      const [[field = '', message = ''] = []] = Object.entries(read.faults);
      return { kind: 'ValidationFailed', message, path: [field] };
    }
    return takeOut({ machineId: machine.id, metricId: metricId || null, ...read.wish });
  };
  return (
    <ActionDialog
      title="Take out of service"
      action="Take out of service"
      message={`For work on ${machine.name}. Its alerts are raised and listed as ever; nobody is notified until it is back in service.`}
      fields={['reason', 'until']}
      onSend={handleSend}
      onClose={onClose}
      onDone={onDone}
    >
      {(problemAt) => (
        <>
          <NativeSelect
            label="What"
            size="md"
            value={metricId}
            onChange={(event) => setChosen(event.currentTarget.value)}
            data={[
              { value: '', label: 'The whole machine' },
              ...metrics.map(({ id, name }) => ({ value: id, label: `Only ${toWords(name)}` })),
            ]}
          />
          <Textarea
            label="Reason"
            rows={2}
            maxLength={2000}
            data-autofocus
            value={reason}
            error={faults.reason ?? problemAt('reason')}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <NativeSelect
            label="How long"
            size="md"
            value={time}
            error={time === 'custom' ? undefined : (faults.until ?? problemAt('until'))}
            onChange={(event) => setTime(event.currentTarget.value as ServiceTime)}
            data={serviceTimes.map((value) => ({
              value,
              label:
                value === 'shift' && endOfShift
                  ? `${serviceTimeWords.shift} (${formatDateTime(endOfShift)})`
                  : serviceTimeWords[value],
            }))}
          />
          {time === 'custom' && (
            <TextInput
              label={`Planned end (${zoneName(new Date())})`}
              type="datetime-local"
              size="md"
              value={customEnd}
              error={faults.until ?? problemAt('until')}
              onChange={(event) => setCustomEnd(event.currentTarget.value)}
            />
          )}
        </>
      )}
    </ActionDialog>
  );
}
