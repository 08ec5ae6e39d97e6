import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { formatDateTime, formatSpan, toWords } from '~/lib/format';
import { useNow } from '~/lib/now';
import { canManageMachines, useViewer } from '~/lib/viewer';
import { StateMark } from '~/ui/StateMark';
import type { OutOfServiceItem } from '../model/outOfService';
import { suppressionShapes, suppressionWords } from '../model/suppression';
import classes from './OutOfService.module.css';
import { ReturnDialog } from './ReturnDialog';

interface OutOfServiceItemsProps {
  items: readonly OutOfServiceItem[];
  isMachineShown: boolean;
  onChanged: () => void;
}

function Facts({ item }: { item: OutOfServiceItem }) {
  const now = useNow();
  return (
    <p className={classes.facts}>
      <span>
        {item.workOrderId ? (
          <>
            By{' '}
            <Link to="/work-orders" search={{ order: item.workOrderId }}>
              work in progress
            </Link>
          </>
        ) : (
          `By ${item.beganBy?.fullName ?? 'a former user'}`
        )}
      </span>
      <time dateTime={item.beganAt}>
        Since {formatDateTime(item.beganAt)} ({formatSpan(now - Date.parse(item.beganAt))})
      </time>
      {item.until ? (
        <time dateTime={item.until}>Until {formatDateTime(item.until)}</time>
      ) : (
        <span>{item.workOrderId ? 'Until the work is done' : 'Until somebody returns it'}</span>
      )}
    </p>
  );
}

/** What is out of service: who, why, since and until when, and the way back. */
export function OutOfServiceItems({ items, isMachineShown, onChanged }: OutOfServiceItemsProps) {
  const viewer = useViewer();
  const [returning, setReturning] = useState<OutOfServiceItem | null>(null);
  return (
    <>
      <ul className={classes.items} aria-label="Out of service">
        {items.map((item) => (
          <li key={item.id} className={classes.item}>
            <StateMark
              shape={suppressionShapes.OUT_OF_SERVICE}
              word={suppressionWords.OUT_OF_SERVICE}
              isAbnormal
            />
            <div className={classes.body}>
              <p className={classes.subject}>
                {isMachineShown && (
                  <Link to="/machines/$machineId" params={{ machineId: item.machine.id }}>
                    {item.machine.name}
                  </Link>
                )}
                <span>{item.metric ? `Only ${toWords(item.metric)}` : 'The whole machine'}</span>
              </p>
              <p className={classes.reason}>{item.reason}</p>
              <Facts item={item} />
            </div>
            {canManageMachines(viewer) && (
              <Button variant="default" className="pw-target" onClick={() => setReturning(item)}>
                Return to service
              </Button>
            )}
          </li>
        ))}
      </ul>
      {returning && (
        <ReturnDialog
          id={returning.id}
          machineName={returning.machine.name}
          metric={returning.metric}
          onClose={() => setReturning(null)}
          onDone={onChanged}
        />
      )}
    </>
  );
}
