import { getRouteApi } from '@tanstack/react-router';
import { readFragment } from '~/gql/graphql';
import {
  alertCauses,
  alertCauseWords,
  alertStates,
  alertStateWords,
  severities,
  severityWords,
} from '~/lib/alarm';
import { readWords, writeWords } from '~/lib/searchParams';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { MachineFilter } from '~/ui/MachineFilter';
import { MoreRows } from '~/ui/MoreRows';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { ToggleFilter } from '~/ui/ToggleFilter';
import { useAlerts } from '../hooks/useAlerts';
import { AlertRowAlert } from '../model/alertFragment';
import type { AlertsSearch } from '../model/search';
import { AgentFilter } from './AgentFilter';
import { AlertList } from './AlertList';
import { AlertTabs } from './AlertTabs';
import { BulkAcknowledge } from './BulkAcknowledge';
import { FloodBanner } from './FloodBanner';
import { SiteFilter } from './SiteFilter';

const route = getRouteApi('/shell/alerts');

function AlertFilters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: Partial<AlertsSearch>): void => {
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  };
  return (
    <search className="pw-row pw-row-end" aria-label="Filter alerts">
      <ToggleFilter
        label="Severity"
        words={severities}
        selected={readWords(search.severity, severities)}
        describe={(word) => severityWords[word]}
        onChange={(words) => change({ severity: writeWords(words) })}
      />
      <ToggleFilter
        label="State"
        words={alertStates}
        selected={readWords(search.state, alertStates)}
        describe={(word) => alertStateWords[word]}
        onChange={(words) => change({ state: writeWords(words) })}
      />
      <MachineFilter
        label="Machine"
        emptyLabel="All machines"
        value={search.machine}
        onChange={(machine) => change({ machine })}
      />
      <ToggleFilter
        label="Cause"
        words={alertCauses}
        selected={readWords(search.cause, alertCauses)}
        describe={(word) => alertCauseWords[word]}
        onChange={(words) => change({ cause: writeWords(words) })}
      />
      <SiteFilter value={search.site} onChange={(site) => change({ site })} />
      <AgentFilter value={search.agent} onChange={(agent) => change({ agent })} />
    </search>
  );
}

function FilteredAlerts() {
  const search = route.useSearch();
  const alerts = useAlerts(search);
  if (alerts.error && !alerts.nodes) {
    return (
      <ErrorState what="The alerts could not be loaded." error={alerts.error} onRetry={alerts.refetch} />
    );
  }
  if (!alerts.nodes) {
    return <SkeletonRows label="Loading the alerts" height={84} />;
  }
  if (alerts.nodes.length === 0) {
    const isFiltered = Object.values(search).some((value) => value !== undefined);
    return isFiltered ? (
      <EmptyState title="No alert matches">Release a filter to see more.</EmptyState>
    ) : (
      <EmptyState title="No alerts">
        Nothing has left its normal behaviour. New alerts appear here by themselves.
      </EmptyState>
    );
  }
  return (
    <>
      <BulkAcknowledge
        alerts={alerts.nodes.map((item) => readFragment(AlertRowAlert, item))}
        onDone={alerts.refetch}
      />
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

export function AlertsPage() {
  return (
    <>
      <PageHeader title="Alerts" />
      <AlertTabs />
      <FloodBanner />
      <AlertFilters />
      <FilteredAlerts />
    </>
  );
}
