import { useCallback } from 'react';
import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { usePolling } from '~/lib/polling';
import { canAdminister, useViewer } from '~/lib/viewer';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { isRunning, StorageFields } from '../model/months';
import { CleanupPanel } from './CleanupPanel';
import { MonthTable } from './MonthTable';
import { StorageFacts } from './StorageFacts';

const StorageQuery = graphql(
  `
    query Storage {
      storage {
        ...StorageFields
      }
    }
  `,
  [StorageFields],
);

const restMs = 30_000;
const progressMs = 1_000;

function StoredLog() {
  const [{ data, error }, execute] = useLastingQuery({ query: StorageQuery, requestPolicy: 'network-only' });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  const storage = data?.storage;
  usePolling(refetch, storage && isRunning(storage.cleanup) ? progressMs : restMs);
  if (!storage) {
    return error ? (
      <ErrorState what="What is stored could not be loaded." error={error} onRetry={refetch} />
    ) : (
      <SkeletonRows label="Loading what is stored" count={6} />
    );
  }
  return (
    <>
      <StorageFacts storage={storage} />
      <CleanupPanel cleanup={storage.cleanup} rawDays={storage.retention.rawDays} onAsked={refetch} />
      {storage.months.length > 0 ? (
        <MonthTable months={storage.months} />
      ) : (
        <EmptyState title={storage.measuredAt ? 'Nothing is stored' : 'Nothing has been measured yet'}>
          {storage.measuredAt
            ? 'The months appear here when readings have come in. An agent sends them, or the CSV import.'
            : 'The worker measures every quarter of an hour. A clean-up measures at once.'}
        </EmptyState>
      )}
    </>
  );
}

/** What the plant's readings take, month by month; for administrators. */
export function StoragePage() {
  const viewer = useViewer();
  return (
    <>
      <PageHeader title="Storage" />
      {!viewer && <SkeletonRows label="Loading the page" count={6} />}
      {viewer && !canAdminister(viewer) && (
        <Note>Only an administrator can see what is stored and clean it up.</Note>
      )}
      {canAdminister(viewer) && <StoredLog />}
    </>
  );
}
