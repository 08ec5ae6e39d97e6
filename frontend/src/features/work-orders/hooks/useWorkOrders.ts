import type { ResultOf } from '~/gql/graphql';
import { graphql } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { type ConnectionPages, useConnectionPages } from '~/gql/useConnectionPages';
import { usePolling } from '~/lib/polling';
import { readWords } from '~/lib/searchParams';
import { type WorkOrdersSearch, workOrderStatuses } from '../model/workOrder';

const WorkOrderList = graphql(`
  query WorkOrderList($first: Int!, $after: String, $filter: WorkOrderFilter) {
    workOrders(first: $first, after: $after, filter: $filter) {
      nodes {
        id
        number
        title
        priority
        status
        updatedAt
        machine {
          id
          name
        }
        assignedTo {
          id
          fullName
        }
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export type WorkOrderItem = ResultOf<typeof WorkOrderList>['workOrders']['nodes'][number];

const pageSize = 50;
const refreshEveryMs = 20_000;

/** The work orders that match; others may change them, so they are fetched again regularly. */
export function useWorkOrders(search: WorkOrdersSearch): ConnectionPages<WorkOrderItem> {
  const statuses = readWords(search.status, workOrderStatuses);
  const pages = useConnectionPages({
    document: WorkOrderList,
    variables: {
      first: pageSize,
      filter: { status: statuses.length > 0 ? statuses : null, machineId: search.machine ?? null },
    },
    pick: (data) => data.workOrders,
  });
  usePolling(pages.refetch, refreshEveryMs);
  useLiveRefetch(() => false, pages.refetch);
  return pages;
}
