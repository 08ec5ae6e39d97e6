import { Button } from '@mantine/core';
import { useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { formatDateTime } from '~/lib/format';
import { canManageMachines, useViewer } from '~/lib/viewer';
import tables from '~/ui/DataTable.module.css';
import { Dialog } from '~/ui/Dialog';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { StateMark } from '~/ui/StateMark';
import { useDelivery } from '../hooks/useDelivery';
import { canResend, deliveryShapes, deliveryStatusWords, describeAttempt } from '../model/delivery';
import type { DeliveryWithAttempts } from '../model/deliveryFragment';
import classes from './Notifications.module.css';

function Attempts({ delivery }: { delivery: DeliveryWithAttempts }) {
  if (delivery.attemptLog.length === 0) {
    return <p className="pw-dim">No attempt yet; the first is due {formatDateTime(delivery.dueAt)}.</p>;
  }
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">Attempts</caption>
        <thead>
          <tr>
            <th scope="col" data-number>
              No.
            </th>
            <th scope="col">Time</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          {delivery.attemptLog.map((attempt) => (
            <tr key={attempt.number}>
              <td data-number>{attempt.number}</td>
              <td>{formatDateTime(attempt.startedAt)}</td>
              <td>
                {describeAttempt(attempt)}
                {attempt.detail && <span className={classes.small}>{attempt.detail}</span>}
                {attempt.response && (
                  <details>
                    <summary className="pw-target">What the receiver said</summary>
                    <pre className={`pw-code ${classes.text}`}>{attempt.response}</pre>
                  </details>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Content({
  delivery,
  resend,
}: {
  delivery: DeliveryWithAttempts;
  resend: () => Promise<UserProblem | null>;
}) {
  const canChange = canManageMachines(useViewer());
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const isAbnormal = delivery.status === 'DEAD';
  return (
    <div className="pw-stack">
      {problem && <Note role="alert">{problem.message}</Note>}
      <StateMark
        shape={deliveryShapes[delivery.status]}
        word={`${deliveryStatusWords[delivery.status]}, by ${delivery.channel?.name ?? 'a channel that is gone'}`}
        isAbnormal={isAbnormal}
      />
      <div className="pw-panel">
        <strong>{delivery.subject}</strong>
        <p className={classes.text}>{delivery.text}</p>
      </div>
      <Attempts delivery={delivery} />
      {delivery.status === 'PENDING' && delivery.attempts > 0 && (
        <p>Tried again {formatDateTime(delivery.dueAt)}.</p>
      )}
      {canChange && canResend(delivery) && (
        <div className="pw-row">
          <Button className="pw-target" onClick={() => void resend().then(setProblem)}>
            Send again
          </Button>
          <span className="pw-dim">Under the same id, from the beginning of the schedule.</span>
        </div>
      )}
    </div>
  );
}

/** One message: its words, every attempt, and the way to send it again. */
export function DeliveryDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { delivery, error, refetch, resend } = useDelivery(id);
  return (
    <Dialog title="Message" isOpen onClose={onClose} size="xl">
      {delivery === undefined && error && (
        <ErrorState what="The message could not be loaded." error={error} onRetry={refetch} />
      )}
      {delivery === undefined && !error && <SkeletonRows label="Loading the message" count={3} />}
      {delivery === null && <p>There is no such message: the log keeps thirty days.</p>}
      {delivery && <Content delivery={delivery} resend={resend} />}
    </Dialog>
  );
}
