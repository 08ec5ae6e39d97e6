import { useConnectionPages } from '~/gql/useConnectionPages';
import { usePolling } from '~/lib/polling';
import { AlertRules } from '../model/operations';

const pageSize = 50;
const refreshEveryMs = 10_000;

/** The rules by name, kept up to date. */
export function useRules(search: string) {
  const pages = useConnectionPages({
    document: AlertRules,
    variables: { first: pageSize, filter: search ? { search } : null },
    pick: (data) => data.alertRules,
  });
  usePolling(pages.refetch, refreshEveryMs);
  return pages;
}
