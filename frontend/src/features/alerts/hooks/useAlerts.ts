import { useMemo } from 'react';
import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { type ConnectionPages, useConnectionPages } from '~/gql/useConnectionPages';
import { alertCauses, alertStates, compareAlerts, severities } from '~/lib/alarm';
import { readWords } from '~/lib/searchParams';
import { AlertRowAlert } from '../model/alertFragment';
import { inGroups } from '../model/grouping';
import type { AlertsSearch } from '../model/search';
import { suppressions } from '../model/suppression';

const AlertListQuery = graphql(
  `
    query AlertList($first: Int!, $after: String, $filter: AlertFilter) {
      alerts(first: $first, after: $after, filter: $filter) {
        nodes {
          id
          ...AlertRowAlert
        }
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [AlertRowAlert],
);

export type AlertItem = { id: string } & FragmentOf<typeof AlertRowAlert>;

const pageSize = 50;

function listOrNull<Word>(words: Word[]): Word[] | null {
  return words.length > 0 ? words : null;
}

/** The alerts that match, in order of work, kept up to date. */
export function useAlerts(search: AlertsSearch, isSuppressed?: boolean): ConnectionPages<AlertItem> {
  const pages = useConnectionPages({
    document: AlertListQuery,
    variables: {
      first: pageSize,
      filter: {
        severity: listOrNull(readWords(search.severity, severities)),
        state: listOrNull(readWords(search.state, alertStates)),
        cause: listOrNull(readWords(search.cause, alertCauses)),
        machineId: search.machine ?? null,
        agentId: search.agent ?? null,
        site: search.site ?? null,
        suppression: listOrNull(readWords(search.aside, suppressions)),
        isSuppressed: isSuppressed ?? null,
      },
    },
    pick: (data) => data.alerts,
  });
  useLiveRefetch((event) => event.kind === 'alert', pages.refetch);
  const nodes = useMemo(
    () =>
      pages.nodes &&
      inGroups(
        [...pages.nodes].sort((a, b) =>
          compareAlerts(readFragment(AlertRowAlert, a), readFragment(AlertRowAlert, b)),
        ),
        (item) => readFragment(AlertRowAlert, item),
      ),
    [pages.nodes],
  );
  return { ...pages, nodes };
}
