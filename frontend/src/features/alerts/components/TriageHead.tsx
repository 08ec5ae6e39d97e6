import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { momentOf } from '~/features/machine/model/search';
import { WorkOrderCreateDialog } from '~/features/work-orders/components/WorkOrderCreateDialog';
import { readFragment } from '~/gql/graphql';
import type { UserProblem } from '~/gql/mutationResult';
import { alertCauseWords, alertStateWords, isUnacknowledged, severityWords } from '~/lib/alarm';
import { formatCount, formatDateTime } from '~/lib/format';
import { useHotkeys } from '~/lib/hotkeys';
import { canManageWorkOrders, useViewer } from '~/lib/viewer';
import { type Fact, FactList } from '~/ui/FactList';
import { Note } from '~/ui/Note';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import { useAlertActions } from '../hooks/useAlertActions';
import type { Triage } from '../hooks/useTriage';
import { AlertRowAlert } from '../model/alertFragment';
import { AcknowledgeDialog } from './AcknowledgeDialog';
import { AssignSelect } from './AssignSelect';
import { CommentDialog } from './CommentDialog';
import { ShelveDialog } from './ShelveDialog';
import { SuppressionMarks } from './SuppressionMarks';
import classes from './Triage.module.css';

type OpenDialog = 'acknowledge' | 'shelve' | 'comment' | 'workOrder' | null;

interface TriageHeadProps {
  alert: Triage['alert'];
  onChanged: () => void;
}

/** What the alert says and what can be done: `a` acknowledges, `s` shelves, `c` comments. */
export function TriageHead(props: TriageHeadProps) {
  const { onChanged } = props;
  const alert = readFragment(AlertRowAlert, props.alert);
  const viewer = useViewer();
  const { unshelve, decide } = useAlertActions();
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const isWaiting = isUnacknowledged(alert.state);
  const isOperator = canManageWorkOrders(viewer);
  const isShelved = alert.suppression.includes('SHELVED');
  const isAsked = alert.shelf?.state === 'REQUESTED';
  const isOwnRequest = isAsked && alert.shelf?.requestedBy?.id === viewer?.userId;
  const canShelve = isOperator && !isShelved && !isAsked;
  const run = async (action: Promise<UserProblem | null>): Promise<void> => {
    setProblem(await action);
    onChanged();
  };
  useHotkeys({
    a: () => isWaiting && setDialog('acknowledge'),
    s: () => canShelve && setDialog('shelve'),
    c: () => setDialog('comment'),
  });
  const open = { onClose: () => setDialog(null), onDone: onChanged };
  const facts: Fact[] = [
    ['State', alertStateWords[alert.state]],
    ['Raised', formatDateTime(alert.raisedAt)],
    ['Cleared', alert.clearedAt ? formatDateTime(alert.clearedAt) : 'Still active'],
    ['Cause', alertCauseWords[alert.cause]],
    ['Seen', alert.occurrences === 1 ? 'Once' : `${formatCount(alert.occurrences)} times`],
    ['Site', alert.site || 'None'],
  ];
  return (
    <section className={classes.head} aria-label="The alert">
      <div className={classes.headline}>
        <SeveritySymbol
          severity={alert.severity}
          isUnacknowledged={isWaiting && alert.suppression.length === 0}
          isDecorative
          size={34}
        />
        <div className="pw-stack">
          <p className={classes.message}>
            <strong>{severityWords[alert.severity]}</strong>{' '}
            {alert.machine && (
              <Link
                to="/machines/$machineId"
                params={{ machineId: alert.machine.id }}
                search={momentOf(alert)}
              >
                {alert.machine.name}
              </Link>
            )}
            {alert.agent && (
              <Link to="/agents/$agentId" params={{ agentId: alert.agent.id }}>
                {alert.agent.name}
              </Link>
            )}
          </p>
          <p>{alert.message}</p>
          <div className={classes.marks}>
            <SuppressionMarks alert={props.alert} />
          </div>
        </div>
      </div>
      <FactList facts={facts} />
      {problem && <Note role="alert">{problem.message}</Note>}
      <div className="pw-row">
        {isWaiting && (
          <Button className="pw-target" onClick={() => setDialog('acknowledge')}>
            Acknowledge
          </Button>
        )}
        {canShelve && (
          <Button variant="default" className="pw-target" onClick={() => setDialog('shelve')}>
            Shelve
          </Button>
        )}
        {isOperator && isShelved && (
          <Button variant="default" className="pw-target" onClick={() => void run(unshelve(alert.id))}>
            Take off the shelf
          </Button>
        )}
        {isOperator && isAsked && alert.shelf && (
          <>
            {!isOwnRequest && (
              <Button
                variant="default"
                className="pw-target"
                onClick={() => void run(decide(alert.shelf?.id ?? '', true))}
              >
                Approve shelving
              </Button>
            )}
            <Button
              variant="default"
              className="pw-target"
              onClick={() => void run(decide(alert.shelf?.id ?? '', false))}
            >
              {isOwnRequest ? 'Take the request back' : 'Refuse shelving'}
            </Button>
          </>
        )}
        <Button variant="default" className="pw-target" onClick={() => setDialog('comment')}>
          Comment
        </Button>
        {alert.workOrder ? (
          <Link className={classes.action} to="/work-orders" search={{ order: alert.workOrder.id }}>
            Work order {alert.workOrder.number}
          </Link>
        ) : (
          alert.machine &&
          isOperator && (
            <Button variant="default" className="pw-target" onClick={() => setDialog('workOrder')}>
              Create work order
            </Button>
          )
        )}
        {isOperator && (
          <AssignSelect
            alertId={alert.id}
            assignee={alert.assignee}
            onChanged={onChanged}
            onProblem={setProblem}
          />
        )}
      </div>
      {dialog === 'acknowledge' && <AcknowledgeDialog alertId={alert.id} message={alert.message} {...open} />}
      {dialog === 'comment' && <CommentDialog alertId={alert.id} message={alert.message} {...open} />}
      {dialog === 'shelve' && (
        <ShelveDialog alertId={alert.id} severity={alert.severity} message={alert.message} {...open} />
      )}
      {dialog === 'workOrder' && (
        <WorkOrderCreateDialog
          source={{ alertId: alert.id }}
          title={alert.message.slice(0, 200)}
          onClose={open.onClose}
          onCreated={onChanged}
        />
      )}
    </section>
  );
}
