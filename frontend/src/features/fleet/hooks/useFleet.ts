import { useMemo, useRef, useState } from 'react';
import { useClient } from 'urql';
import { machineKinds } from '~/features/machine-form/model/machine';
import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
import { type LiveEvent, useLiveEvents } from '~/gql/liveHub';
import { type ConnectionPages, useConnectionPages } from '~/gql/useConnectionPages';
import { compareMachines, machineStatuses } from '~/lib/alarm';
import { usePolling } from '~/lib/polling';
import { readWords } from '~/lib/searchParams';
import { createThrottle } from '~/lib/throttle';
import { FleetRowMachine } from '../components/FleetRow';
import type { FleetSearch } from '../model/search';

const FleetMachines = graphql(
  `
    query FleetMachines($first: Int!, $after: String, $filter: MachineFilter) {
      machines(first: $first, after: $after, filter: $filter, orderBy: HEALTH_WORST_FIRST) {
        nodes {
          id
          ...FleetRowMachine
        }
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [FleetRowMachine],
);

const FleetMachine = graphql(
  `
    query FleetMachine($id: ID!) {
      machine(id: $id) {
        id
        ...FleetRowMachine
      }
    }
  `,
  [FleetRowMachine],
);

type Row = { id: string } & FragmentOf<typeof FleetRowMachine>;

const pageSize = 100;
const refreshEveryMs = 10_000;
const coalesceMs = 500;

/** Machines that changed since the list was fetched, asked for one by one. */
function useChangedMachines(refetchAll: () => void): ReadonlyMap<string, Row> {
  const client = useClient();
  const [changed, setChanged] = useState<ReadonlyMap<string, Row>>(new Map());
  const waiting = useRef(new Set<string>());
  const flush = async (): Promise<void> => {
    const ids = [...waiting.current];
    waiting.current.clear();
    if (ids.length > 5) {
      refetchAll();
      return;
    }
    for (const id of ids) {
      const { data } = await client
        .query(FleetMachine, { id }, { requestPolicy: 'network-only' })
        .toPromise();
      const machine = data?.machine;
      if (machine) {
        setChanged((old) => new Map(old).set(id, machine));
      }
    }
  };
  const latest = useRef(flush);
  latest.current = flush;
  const throttle = useRef(createThrottle(() => void latest.current(), coalesceMs));
  useLiveEvents((event: LiveEvent) => {
    if (event.kind === 'resumed') {
      refetchAll();
    } else if (event.machineId) {
      waiting.current.add(event.machineId);
      throttle.current.call();
    }
  });
  return changed;
}

/** The machines that match, worst first, kept up to date. */
export function useFleet(search: FleetSearch): ConnectionPages<Row> {
  const statuses = readWords(search.status, machineStatuses);
  const kinds = readWords(search.kind, machineKinds);
  const pages = useConnectionPages({
    document: FleetMachines,
    variables: {
      first: pageSize,
      filter: {
        status: statuses.length > 0 ? statuses : null,
        kind: kinds.length > 0 ? kinds : null,
        search: search.q ?? null,
      },
    },
    pick: (data) => data.machines,
  });
  usePolling(pages.refetch, refreshEveryMs);
  const changed = useChangedMachines(pages.refetch);
  const nodes = useMemo(
    () =>
      pages.nodes
        ?.map((row) => newer(row, changed.get(row.id)))
        .sort((a, b) =>
          compareMachines(readFragment(FleetRowMachine, a), readFragment(FleetRowMachine, b)),
        ) ?? null,
    [pages.nodes, changed],
  );
  return { ...pages, nodes };
}

function newer(listed: Row, single: Row | undefined): Row {
  if (!single) {
    return listed;
  }
  const updatedAt = (row: Row): number => Date.parse(readFragment(FleetRowMachine, row).lastReadingAt ?? '');
  return updatedAt(listed) > updatedAt(single) ? listed : single;
}
