import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { readWords, writeWords } from '~/lib/searchParams';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { MoreRows } from '~/ui/MoreRows';
import { NamedFilter } from '~/ui/NamedFilter';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { ToggleFilter } from '~/ui/ToggleFilter';
import { useChannels } from '../hooks/useChannels';
import { useDeliveries } from '../hooks/useDeliveries';
import { deliveryStatuses, deliveryStatusWords } from '../model/delivery';
import type { DeliveriesSearch } from '../model/search';
import { DeliveryDialog } from './DeliveryDialog';
import { DeliveryTable } from './DeliveryTable';
import { NotificationTabs } from './NotificationTabs';

const route = getRouteApi('/shell/notifications/deliveries');

function DeliveryFilters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { nodes } = useChannels();
  const change = (part: Partial<DeliveriesSearch>): void => {
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  };
  return (
    <search className="pw-row pw-row-end" aria-label="Filter messages">
      <ToggleFilter
        label="State"
        words={deliveryStatuses}
        selected={readWords(search.status, deliveryStatuses)}
        describe={(word) => deliveryStatusWords[word]}
        onChange={(words) => change({ status: writeWords(words) })}
      />
      <NamedFilter
        label="Channel"
        emptyLabel="All channels"
        unlistedLabel="The channel of this link"
        items={nodes ?? []}
        value={search.channel}
        onChange={(channel) => change({ channel })}
      />
      {search.alert && (
        <Button variant="default" className="pw-target" onClick={() => change({ alert: undefined })}>
          Of one alert only: show all
        </Button>
      )}
    </search>
  );
}

function Log() {
  const search = route.useSearch();
  const { nodes, totalCount, hasMore, isFetching, error, loadMore, refetch } = useDeliveries(search);
  if (!nodes) {
    return error ? (
      <ErrorState what="The delivery log could not be loaded." error={error} onRetry={refetch} />
    ) : (
      <SkeletonRows label="Loading the delivery log" count={6} />
    );
  }
  if (nodes.length === 0) {
    const isFiltered = Boolean(search.status || search.channel || search.alert || search.event);
    return (
      <EmptyState title={isFiltered ? 'No message matches' : 'Nothing was sent yet'}>
        {isFiltered
          ? 'Release a filter to see more.'
          : 'Every message and every attempt to send it appears here. Test a channel to see the first.'}
      </EmptyState>
    );
  }
  return (
    <>
      <DeliveryTable deliveries={nodes} />
      <MoreRows
        shown={nodes.length}
        total={totalCount}
        noun="messages"
        hasMore={hasMore}
        isFetching={isFetching}
        onMore={loadMore}
      />
    </>
  );
}

/** What was told to whom, with every attempt. */
export function DeliveriesPage() {
  const { delivery } = route.useSearch();
  const navigate = route.useNavigate();
  const close = (): void => {
    void navigate({ search: (old) => ({ ...old, delivery: undefined }), replace: true });
  };
  return (
    <>
      <PageHeader title="Notifications" />
      <NotificationTabs />
      <DeliveryFilters />
      <Log />
      {delivery && <DeliveryDialog key={delivery} id={delivery} onClose={close} />}
    </>
  );
}
