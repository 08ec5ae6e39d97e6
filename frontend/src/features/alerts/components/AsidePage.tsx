import { getRouteApi } from '@tanstack/react-router';
import { readWords, writeWords } from '~/lib/searchParams';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { MoreRows } from '~/ui/MoreRows';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { ToggleFilter } from '~/ui/ToggleFilter';
import { useAlerts } from '../hooks/useAlerts';
import { suppressions, suppressionWords } from '../model/suppression';
import { AlertList } from './AlertList';
import { AlertTabs } from './AlertTabs';
import { OutOfServiceList } from './OutOfServiceList';

const route = getRouteApi('/shell/alerts/aside');

function AsideAlerts() {
  const search = route.useSearch();
  const alerts = useAlerts(search, true);
  if (alerts.error && !alerts.nodes) {
    return <ErrorState what="The list could not be loaded." error={alerts.error} onRetry={alerts.refetch} />;
  }
  if (!alerts.nodes) {
    return <SkeletonRows label="Loading what is put aside" height={84} />;
  }
  if (alerts.nodes.length === 0) {
    return (
      <EmptyState title="Nothing is put aside">
        No alert is shelved, suppressed by design or out of service. Shelve one from the queue with the key s.
      </EmptyState>
    );
  }
  return (
    <>
      <AlertList alerts={alerts.nodes} isMachineShown onChanged={alerts.refetch} />
      <MoreRows
        shown={alerts.nodes.length}
        total={alerts.totalCount}
        noun="alerts"
        hasMore={alerts.hasMore}
        isFetching={alerts.isFetching}
        onMore={alerts.loadMore}
      />
    </>
  );
}

/** All alerts that announce nothing for now, and why: part of every hand-over. */
export function AsidePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title="Put aside" />
      <AlertTabs />
      <OutOfServiceList />
      <h2>Alerts put aside</h2>
      <search className="pw-row pw-row-end" aria-label="Filter">
        <ToggleFilter
          label="Put aside as"
          words={suppressions}
          selected={readWords(search.aside, suppressions)}
          describe={(word) => suppressionWords[word]}
          onChange={(words) =>
            void navigate({ search: (old) => ({ ...old, aside: writeWords(words) }), replace: true })
          }
        />
      </search>
      <AsideAlerts />
    </>
  );
}
