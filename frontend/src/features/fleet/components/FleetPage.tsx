import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { MachineCreateDialog } from '~/features/machine-form/components/MachineCreateDialog';
import { machineKinds } from '~/features/machine-form/model/machine';
import { ConnectLink } from '~/features/sources/components/ConnectLink';
import { type MachineStatus, machineStatuses, machineStatusWords } from '~/lib/alarm';
import { toWords } from '~/lib/format';
import { readWords, writeWords } from '~/lib/searchParams';
import { canManageMachines, useViewer } from '~/lib/viewer';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { MoreRows } from '~/ui/MoreRows';
import { PageHeader } from '~/ui/PageHeader';
import { SearchField } from '~/ui/SearchField';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { ToggleFilter } from '~/ui/ToggleFilter';
import { useFleet } from '../hooks/useFleet';
import type { FleetSearch } from '../model/search';
import { FleetCounts } from './FleetCounts';
import { FleetHealth } from './FleetHealth';
import { FleetTable } from './FleetTable';

const route = getRouteApi('/shell/fleet');

function FleetFilters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: Partial<FleetSearch>): void => {
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  };
  return (
    <search className="pw-row pw-row-end" aria-label="Filter machines">
      <ToggleFilter<MachineStatus>
        label="Status"
        words={machineStatuses}
        selected={readWords(search.status, machineStatuses)}
        describe={(word) => machineStatusWords[word]}
        onChange={(words) => change({ status: writeWords(words) })}
      />
      <ToggleFilter
        label="Kind"
        words={machineKinds}
        selected={readWords(search.kind, machineKinds)}
        describe={toWords}
        onChange={(words) => change({ kind: writeWords(words) })}
      />
      <SearchField
        label="Search"
        placeholder="Name or identifier"
        value={search.q ?? ''}
        onChange={(value) => change({ q: value || undefined })}
      />
    </search>
  );
}

interface FleetListProps {
  fleet: ReturnType<typeof useFleet>;
  onAdd: (() => void) | undefined;
}

function FleetList({ fleet, onAdd }: FleetListProps) {
  const search = route.useSearch();
  if (fleet.error && !fleet.nodes) {
    return (
      <ErrorState what="The machines could not be loaded." error={fleet.error} onRetry={fleet.refetch} />
    );
  }
  if (!fleet.nodes) {
    return <SkeletonRows label="Loading the machines" count={8} />;
  }
  if (fleet.nodes.length === 0) {
    return search.status || search.kind || search.q ? (
      <EmptyState title="No machine matches">Release a filter or search for another name.</EmptyState>
    ) : (
      <EmptyState
        title="There are no machines yet"
        action={
          onAdd && (
            <Button className="pw-target" onClick={onAdd}>
              Add machine
            </Button>
          )
        }
      >
        {onAdd
          ? 'Add the first machine, then connect an agent or import a file.'
          : 'An operator or an administrator adds the first machine.'}
      </EmptyState>
    );
  }
  return (
    <>
      <FleetTable machines={fleet.nodes} />
      <MoreRows
        shown={fleet.nodes.length}
        total={fleet.totalCount}
        noun="machines"
        hasMore={fleet.hasMore}
        isFetching={fleet.isFetching}
        onMore={fleet.loadMore}
      />
    </>
  );
}

export function FleetPage() {
  const viewer = useViewer();
  const [isAdding, setIsAdding] = useState(false);
  const fleet = useFleet(route.useSearch());
  const handleAdd = canManageMachines(viewer) ? () => setIsAdding(true) : undefined;
  return (
    <>
      <PageHeader title="Fleet overview">
        <FleetCounts />
        {handleAdd && (
          <>
            <Button variant="default" className="pw-target" onClick={handleAdd}>
              Add machine
            </Button>
            <ConnectLink />
          </>
        )}
      </PageHeader>
      <FleetHealth />
      <FleetFilters />
      <FleetList fleet={fleet} onAdd={handleAdd} />
      {isAdding && <MachineCreateDialog onClose={() => setIsAdding(false)} onCreated={fleet.refetch} />}
    </>
  );
}
