import { Link } from '@tanstack/react-router';
import { useCallback } from 'react';
import { describeAction } from '~/features/audit/model/actions';
import { readRecord } from '~/features/audit/model/summary';
import { graphql } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { formatDateTime } from '~/lib/format';
import { ErrorState } from '~/ui/ErrorState';
import { SkeletonRows } from '~/ui/SkeletonRows';
import classes from './MachinePage.module.css';

const MachineEventRecords = graphql(`
  query MachineEventRecords($machineId: ID!) {
    auditRecords(
      first: 20
      filter: { machineId: $machineId, actionPrefix: ["alert.", "machine.", "out_of_service.", "health.", "work_order.", "metric."] }
    ) {
      nodes {
        sequence
        action
        actorName
        createdAt
        resourceType
        resourceId
        payload
      }
    }
  }
`);

/** What happened to this machine, newest first, from the audit trail. */
export function MachineEvents({ machineId }: { machineId: string }) {
  const [{ data, error }, execute] = useLastingQuery({
    query: MachineEventRecords,
    variables: { machineId },
  });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useLiveRefetch((event) => event.kind !== 'resumed' && event.machineId === machineId, refetch);
  const records = data?.auditRecords.nodes;
  return (
    <section className="pw-panel pw-stack" aria-labelledby="events-title">
      <h2 id="events-title">Events</h2>
      {error && !data && (
        <ErrorState what="The events could not be loaded." error={error} onRetry={refetch} />
      )}
      {!data && !error && <SkeletonRows label="Loading the events" count={4} height={28} />}
      {records?.length === 0 && <p className="pw-dim">Nothing has happened yet.</p>}
      <ol className="pw-list">
        {records?.map((record) => (
          <li key={record.sequence} className={classes.event}>
            <time dateTime={record.createdAt} className="pw-dim">
              {formatDateTime(record.createdAt)}
            </time>
            <span>{describeAction(record.action)}</span>
            <span className="pw-dim">{record.actorName}</span>
            <span className={classes.particulars}>{readRecord(record).summary}</span>
          </li>
        ))}
      </ol>
      <Link to="/audit" search={{ machine: machineId }}>
        Open in the audit trail
      </Link>
    </section>
  );
}
