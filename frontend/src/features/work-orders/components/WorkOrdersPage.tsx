import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { ConnectionPages } from '~/gql/useConnectionPages';
import { readWords, writeWords } from '~/lib/searchParams';
import { canManageWorkOrders, useViewer } from '~/lib/viewer';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { MachineFilter } from '~/ui/MachineFilter';
import { MoreRows } from '~/ui/MoreRows';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { ToggleFilter } from '~/ui/ToggleFilter';
import { useWorkOrders, type WorkOrderItem } from '../hooks/useWorkOrders';
import { type WorkOrdersSearch, workOrderStatuses, workOrderStatusWords } from '../model/workOrder';
import { WorkOrderCreateDialog } from './WorkOrderCreateDialog';
import { WorkOrderPanel } from './WorkOrderPanel';
import classes from './WorkOrdersPage.module.css';
import { WorkOrderTable } from './WorkOrderTable';

const route = getRouteApi('/shell/work-orders');

function WorkOrderList({ orders }: { orders: ConnectionPages<WorkOrderItem> }) {
  const { status, machine } = route.useSearch();
  if (orders.error && !orders.nodes) {
    return (
      <ErrorState what="The work orders could not be loaded." error={orders.error} onRetry={orders.refetch} />
    );
  }
  if (!orders.nodes) {
    return <SkeletonRows label="Loading the work orders" />;
  }
  if (orders.nodes.length === 0) {
    return status || machine ? (
      <EmptyState title="No work order matches">Release a filter to see more.</EmptyState>
    ) : (
      <EmptyState title="No work orders yet">Create one here, or from an alert under Alerts.</EmptyState>
    );
  }
  return (
    <>
      <WorkOrderTable orders={orders.nodes} />
      <MoreRows
        shown={orders.nodes.length}
        total={orders.totalCount}
        noun="work orders"
        hasMore={orders.hasMore}
        isFetching={orders.isFetching}
        onMore={orders.loadMore}
      />
    </>
  );
}

export function WorkOrdersPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const viewer = useViewer();
  const orders = useWorkOrders(search);
  const [isCreating, setIsCreating] = useState(false);
  const change = (part: Partial<WorkOrdersSearch>): void => {
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  };
  return (
    <>
      <PageHeader title="Work orders">
        {canManageWorkOrders(viewer) && (
          <Button className="pw-target" onClick={() => setIsCreating(true)}>
            Create work order
          </Button>
        )}
      </PageHeader>
      <search className="pw-row pw-row-end" aria-label="Filter work orders">
        <ToggleFilter
          label="Status"
          words={workOrderStatuses}
          selected={readWords(search.status, workOrderStatuses)}
          describe={(word) => workOrderStatusWords[word]}
          onChange={(words) => change({ status: writeWords(words) })}
        />
        <MachineFilter
          label="Machine"
          emptyLabel="All machines"
          value={search.machine}
          onChange={(machine) => change({ machine })}
        />
      </search>
      <div className={classes.columns} data-open={search.order ? true : undefined}>
        <div className="pw-stack">
          <WorkOrderList orders={orders} />
        </div>
        {search.order && (
          <WorkOrderPanel
            key={search.order}
            id={search.order}
            onClose={() => change({ order: undefined })}
            onChanged={orders.refetch}
          />
        )}
      </div>
      {isCreating && (
        <WorkOrderCreateDialog
          source={{}}
          title=""
          onClose={() => setIsCreating(false)}
          onCreated={orders.refetch}
        />
      )}
    </>
  );
}
