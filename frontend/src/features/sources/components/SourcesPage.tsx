import { getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import { formatCount } from '~/lib/format';
import { readWords, writeWords } from '~/lib/searchParams';
import { canManageMachines, useViewer } from '~/lib/viewer';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { PageHeader } from '~/ui/PageHeader';
import { SearchField } from '~/ui/SearchField';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { ToggleFilter } from '~/ui/ToggleFilter';
import { useSetup } from '../hooks/useSetup';
import { useSources } from '../hooks/useSources';
import type { SourcesSearch } from '../model/search';
import {
  chosenSources,
  sourceProtocols,
  sourceProtocolWords,
  sourceStates,
  stateWords,
} from '../model/state';
import { ConnectLink } from './ConnectLink';
import { SetupNote } from './SetupNote';
import { SourceTable } from './SourceTable';

const route = getRouteApi('/shell/sources');

function SourceFilters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: Partial<SourcesSearch>): void => {
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  };
  return (
    <search className="pw-row pw-row-end" aria-label="Filter sources">
      <ToggleFilter
        label="State"
        words={sourceStates}
        selected={readWords(search.state, sourceStates)}
        describe={(word) => stateWords[word]}
        onChange={(words) => change({ state: writeWords(words) })}
      />
      <ToggleFilter
        label="Protocol"
        words={sourceProtocols}
        selected={readWords(search.protocol, sourceProtocols)}
        describe={(word) => sourceProtocolWords[word]}
        onChange={(words) => change({ protocol: writeWords(words) })}
      />
      <SearchField
        label="Search"
        placeholder="Name, machine or address"
        value={search.q ?? ''}
        onChange={(value) => change({ q: value || undefined })}
      />
    </search>
  );
}

function SourceList() {
  const search = route.useSearch();
  const canChange = canManageMachines(useViewer());
  const pages = useSources();
  const { nodes, hasMore, loadMore, isFetching } = pages;
  // The order and the filter are over all of them, so all of them are fetched.
  useEffect(() => {
    if (hasMore && !isFetching) {
      loadMore();
    }
  }, [hasMore, isFetching, loadMore]);
  if (!nodes) {
    return pages.error ? (
      <ErrorState what="The sources could not be loaded." error={pages.error} onRetry={pages.refetch} />
    ) : (
      <SkeletonRows label="Loading the sources" count={6} />
    );
  }
  if (nodes.length === 0) {
    return (
      <EmptyState title="The server reads no device yet" action={canChange && <ConnectLink />}>
        {canChange
          ? 'Connect a machine: choose how it is reached, pick its values, and see them arrive.'
          : 'An operator or an administrator connects the first machine.'}
      </EmptyState>
    );
  }
  const chosen = chosenSources(nodes, {
    states: readWords(search.state, sourceStates),
    protocols: readWords(search.protocol, sourceProtocols),
    text: search.q ?? '',
  });
  if (chosen.length === 0) {
    return <EmptyState title="No source matches">Release a filter or search for another name.</EmptyState>;
  }
  return (
    <>
      <SourceTable
        sources={chosen}
        perMinute={pages.perMinute}
        canChange={canChange}
        onChanged={pages.refetch}
      />
      <p className="pw-dim" role="status">
        {formatCount(chosen.length)} of {formatCount(Math.max(pages.totalCount, nodes.length))} sources
      </p>
    </>
  );
}

/** Devices that the server reads itself. */
export function SourcesPage() {
  const canChange = canManageMachines(useViewer());
  const setup = useSetup();
  return (
    <>
      <PageHeader title="Sources">{canChange && <ConnectLink />}</PageHeader>
      <SetupNote setup={setup} />
      <SourceFilters />
      <SourceList />
    </>
  );
}
