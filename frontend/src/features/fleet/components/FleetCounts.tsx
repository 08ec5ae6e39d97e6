import { useCallback } from 'react';
import { graphql } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { machineStatuses } from '~/lib/alarm';
import { formatCount } from '~/lib/format';
import { StatusMark } from '~/ui/StatusMark';
import classes from './FleetCounts.module.css';

const FleetStatusCounts = graphql(`
  query FleetStatusCounts {
    CRITICAL: machines(first: 1, filter: { status: [CRITICAL] }) {
      totalCount
    }
    WARNING: machines(first: 1, filter: { status: [WARNING] }) {
      totalCount
    }
    OFFLINE: machines(first: 1, filter: { status: [OFFLINE] }) {
      totalCount
    }
    HEALTHY: machines(first: 1, filter: { status: [HEALTHY] }) {
      totalCount
    }
  }
`);

/** How many machines are in each status, whatever the filter. */
export function FleetCounts() {
  const [{ data }, execute] = useLastingQuery({ query: FleetStatusCounts });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useLiveRefetch((event) => event.kind === 'machine', refetch);
  return (
    <dl className={classes.counts} aria-label="Machines by status">
      {machineStatuses.map((status) => (
        <div key={status} className={classes.count}>
          <dt>
            <StatusMark status={status} isQuiet={!data?.[status].totalCount} />
          </dt>
          <dd>{data ? formatCount(data[status].totalCount) : '–'}</dd>
        </div>
      ))}
    </dl>
  );
}
