import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { momentOf } from '~/features/machine/model/search';
import { graphql } from '~/gql/graphql';
import type { UserProblem } from '~/gql/mutationResult';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { formatDateTime, toWords } from '~/lib/format';
import { canManageWorkOrders, useViewer } from '~/lib/viewer';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useUpdateWorkOrder, type WorkOrderChange } from '../hooks/useUpdateWorkOrder';
import { nextSteps, workOrderStatusWords } from '../model/workOrder';
import { AssigneeSelect } from './AssigneeSelect';

const WorkOrderDetail = graphql(`
  query WorkOrderDetail($id: ID!) {
    workOrder(id: $id) {
      id
      number
      title
      description
      priority
      status
      version
      createdAt
      updatedAt
      machine {
        id
        name
      }
      alert {
        id
        message
        metric
        raisedAt
        clearedAt
      }
      assignedTo {
        id
        fullName
      }
      createdBy {
        id
        fullName
      }
    }
  }
`);

interface WorkOrderPanelProps {
  id: string;
  onClose: () => void;
  onChanged: () => void;
}

/** One work order with its next steps. */
export function WorkOrderPanel({ id, onClose, onChanged }: WorkOrderPanelProps) {
  const viewer = useViewer();
  const update = useUpdateWorkOrder();
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const [{ data, error }, execute] = useLastingQuery({ query: WorkOrderDetail, variables: { id } });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  const order = data?.workOrder;

  if (error && !data) {
    return <ErrorState what="The work order could not be loaded." error={error} onRetry={refetch} />;
  }
  if (!data) {
    return <SkeletonRows label="Loading the work order" count={3} />;
  }
  if (!order) {
    return <Note>There is no such work order. Close this panel and choose another.</Note>;
  }
  const canChange = canManageWorkOrders(viewer);
  const send = async (change: Omit<WorkOrderChange, 'id' | 'expectedVersion'>): Promise<void> => {
    setIsSending(true);
    const refused = await update({ id, expectedVersion: order.version, ...change });
    setIsSending(false);
    setProblem(refused);
    refetch();
    onChanged();
  };
  const steps = nextSteps[order.status];
  return (
    <section className="pw-panel pw-stack" aria-label={`Work order ${order.number}`}>
      <div className="pw-spread" style={{ flexWrap: 'nowrap', alignItems: 'flex-start' }}>
        <h2>
          {order.number}: {order.title}
        </h2>
        <Button variant="default" className="pw-target" style={{ flex: 'none' }} onClick={onClose}>
          Close
        </Button>
      </div>
      {problem && (
        <Note role="alert">
          {problem.kind === 'Conflict'
            ? 'Somebody else changed this work order meanwhile, so your change was not made. It now shows the newest state: check it and repeat your change if it still fits.'
            : problem.message}
        </Note>
      )}
      <p>
        <strong>{workOrderStatusWords[order.status]}</strong> · Priority{' '}
        {toWords(order.priority).toLowerCase()}
      </p>
      <p>
        Machine{' '}
        <Link to="/machines/$machineId" params={{ machineId: order.machine.id }}>
          {order.machine.name}
        </Link>
      </p>
      {order.alert && (
        <p>
          From the alert{' '}
          <Link
            to="/machines/$machineId"
            params={{ machineId: order.machine.id }}
            search={momentOf(order.alert)}
          >
            {order.alert.message}
          </Link>
        </p>
      )}
      {order.description && <p style={{ whiteSpace: 'pre-wrap' }}>{order.description}</p>}
      <AssigneeSelect
        value={order.assignedTo?.id ?? ''}
        isDisabled={!canChange || isSending || steps.length === 0}
        onChange={(userId) => void send({ assignedTo: userId || null })}
      />
      {canChange && steps.length > 0 && (
        <div className="pw-row">
          {steps.map(({ to, command }) => (
            <Button
              key={to}
              variant={to === 'CANCELLED' ? 'default' : 'filled'}
              className="pw-target"
              disabled={isSending}
              onClick={() => void send({ status: to })}
            >
              {command}
            </Button>
          ))}
        </div>
      )}
      {!canChange && <p className="pw-dim">Your role can read work orders, not change them.</p>}
      <p className="pw-dim">
        Created {formatDateTime(order.createdAt)}
        {order.createdBy ? ` by ${order.createdBy.fullName}` : ''}, changed {formatDateTime(order.updatedAt)}.
      </p>
    </section>
  );
}
