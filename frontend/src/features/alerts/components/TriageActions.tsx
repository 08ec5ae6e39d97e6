import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { WorkOrderCreateDialog } from '~/features/work-orders/components/WorkOrderCreateDialog';
import { readFragment } from '~/gql/graphql';
import type { UserProblem } from '~/gql/mutationResult';
import { isUnacknowledged } from '~/lib/alarm';
import { useHotkeys } from '~/lib/hotkeys';
import { canManageWorkOrders, useViewer } from '~/lib/viewer';
import { Note } from '~/ui/Note';
import { useAlertActions } from '../hooks/useAlertActions';
import { useJudge } from '../hooks/useJudgement';
import type { Triage } from '../hooks/useTriage';
import { AlertRowAlert } from '../model/alertFragment';
import { AcknowledgeDialog } from './AcknowledgeDialog';
import { AssignSelect } from './AssignSelect';
import { CommentDialog } from './CommentDialog';
import { OutcomeSelect } from './OutcomeSelect';
import { ReturnDialog } from './ReturnDialog';
import { ServiceDialog } from './ServiceDialog';
import { ShelveDialog } from './ShelveDialog';
import { ShelvingDecision } from './ShelvingDecision';
import classes from './Triage.module.css';

type OpenDialog = 'acknowledge' | 'shelve' | 'comment' | 'workOrder' | 'service' | 'return' | null;

interface TriageActionsProps {
  alert: Triage['alert'];
  onChanged: () => void;
}

/** What can be done about an alert: `a` acknowledges, `s` shelves, `c` comments. */
export function TriageActions(props: TriageActionsProps) {
  const { onChanged } = props;
  const alert = readFragment(AlertRowAlert, props.alert);
  const viewer = useViewer();
  const { unshelve } = useAlertActions();
  const judge = useJudge();
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const isWaiting = isUnacknowledged(alert.state);
  const isOperator = canManageWorkOrders(viewer);
  const isShelved = alert.suppression.includes('SHELVED');
  const isAsked = alert.shelf?.state === 'REQUESTED';
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
  const close = { onClose: () => setDialog(null), onDone: onChanged };
  return (
    <>
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
        {isOperator && isAsked && alert.shelf && <ShelvingDecision shelf={alert.shelf} onRun={run} />}
        {isOperator && alert.machine && (
          <Button
            variant="default"
            className="pw-target"
            onClick={() => setDialog(alert.outOfService ? 'return' : 'service')}
          >
            {alert.outOfService ? 'Return to service' : 'Take out of service'}
          </Button>
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
        <OutcomeSelect
          value={alert.outcome}
          onChange={(outcome) => void run(judge(alert.id, outcome))}
          isCompact
        />
        {isOperator && (
          <AssignSelect
            alertId={alert.id}
            assignee={alert.assignee}
            onChanged={onChanged}
            onProblem={setProblem}
          />
        )}
      </div>
      {dialog === 'acknowledge' && (
        <AcknowledgeDialog alertId={alert.id} message={alert.message} {...close} />
      )}
      {dialog === 'comment' && <CommentDialog alertId={alert.id} message={alert.message} {...close} />}
      {dialog === 'shelve' && (
        <ShelveDialog alertId={alert.id} severity={alert.severity} message={alert.message} {...close} />
      )}
      {dialog === 'service' && alert.machine && (
        <ServiceDialog machine={alert.machine} metric={alert.metric} {...close} />
      )}
      {dialog === 'return' && alert.machine && alert.outOfService && (
        <ReturnDialog
          id={alert.outOfService.id}
          machineName={alert.machine.name}
          metric={alert.outOfService.metric}
          {...close}
        />
      )}
      {dialog === 'workOrder' && (
        <WorkOrderCreateDialog
          source={{ alertId: alert.id }}
          title={alert.message.slice(0, 200)}
          onClose={close.onClose}
          onCreated={onChanged}
        />
      )}
    </>
  );
}
