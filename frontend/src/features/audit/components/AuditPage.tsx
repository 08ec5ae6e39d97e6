import { TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { readWords, writeWords } from '~/lib/searchParams';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { MachineFilter } from '~/ui/MachineFilter';
import { MoreRows } from '~/ui/MoreRows';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { ToggleFilter } from '~/ui/ToggleFilter';
import { useAuditTrail } from '../hooks/useAuditTrail';
import { actionAreas, describeArea } from '../model/actions';
import type { AuditSearch } from '../model/search';
import { AuditTable } from './AuditTable';
import { VerifyPanel } from './VerifyPanel';

const route = getRouteApi('/shell/audit');

function AuditFilters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: Partial<AuditSearch>): void => {
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  };
  return (
    <search className="pw-row pw-row-end" aria-label="Filter audit records">
      <MachineFilter
        label="Machine"
        emptyLabel="All machines"
        value={search.machine}
        onChange={(machine) => change({ machine })}
      />
      <TextInput
        label="From"
        type="date"
        size="md"
        value={search.from ?? ''}
        onChange={(event) => change({ from: event.currentTarget.value || undefined })}
      />
      <TextInput
        label="To"
        type="date"
        size="md"
        value={search.to ?? ''}
        onChange={(event) => change({ to: event.currentTarget.value || undefined })}
      />
      <ToggleFilter
        label="About"
        words={actionAreas}
        selected={readWords(search.area, actionAreas)}
        describe={describeArea}
        onChange={(words) => change({ area: writeWords(words) })}
      />
    </search>
  );
}

function AuditRecords() {
  const trail = useAuditTrail(route.useSearch());
  if (trail.error && !trail.nodes) {
    return (
      <ErrorState what="The audit trail could not be loaded." error={trail.error} onRetry={trail.refetch} />
    );
  }
  if (!trail.nodes) {
    return <SkeletonRows label="Loading the audit trail" count={8} />;
  }
  if (trail.nodes.length === 0) {
    return <EmptyState title="No record matches">Release a filter or choose other days.</EmptyState>;
  }
  return (
    <>
      <AuditTable records={trail.nodes} />
      <MoreRows
        shown={trail.nodes.length}
        total={trail.totalCount}
        noun="records"
        hasMore={trail.hasMore}
        isFetching={trail.isFetching}
        onMore={trail.loadMore}
      />
    </>
  );
}

export function AuditPage() {
  return (
    <>
      <PageHeader title="Audit trail" />
      <VerifyPanel />
      <AuditFilters />
      <AuditRecords />
    </>
  );
}
