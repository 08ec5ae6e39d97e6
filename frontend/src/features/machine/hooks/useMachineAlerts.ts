import { useCallback, useMemo } from 'react';
import type { AlertMark } from '~/charts/alertMarks';
import { AlertRowAlert } from '~/features/alerts/model/alertFragment';
import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { compareAlerts, isActive, isUnacknowledged } from '~/lib/alarm';

const MachineAlerts = graphql(
  `
    query MachineAlerts($machineId: ID!) {
      alerts(first: 100, filter: { machineId: $machineId }) {
        nodes {
          id
          ...AlertRowAlert
        }
      }
    }
  `,
  [AlertRowAlert],
);

type Item = { id: string } & FragmentOf<typeof AlertRowAlert>;

export interface MachineAlertsState {
  /** Active or unacknowledged, worst first. */
  open: readonly Item[];
  marks: readonly AlertMark[];
  isLoaded: boolean;
  hasFailed: boolean;
  refetch: () => void;
}

/** The latest alerts of one machine, as list and as marks for its trends. */
export function useMachineAlerts(machineId: string): MachineAlertsState {
  const [{ data, error }, execute] = useLastingQuery({ query: MachineAlerts, variables: { machineId } });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useLiveRefetch((event) => event.kind === 'alert' && event.machineId === machineId, refetch);
  const nodes = data?.alerts.nodes;
  const marks = useMemo(() => (nodes ?? []).flatMap((item) => toMarks(item)), [nodes]);
  const open = useMemo(() => {
    const read = (item: Item) => readFragment(AlertRowAlert, item);
    return (nodes ?? [])
      .filter((item) => isActive(read(item).state) || isUnacknowledged(read(item).state))
      .sort((a, b) => compareAlerts(read(a), read(b)));
  }, [nodes]);
  return { open, marks, isLoaded: data !== undefined, hasFailed: error !== undefined, refetch };
}

function toMarks(item: Item): AlertMark[] {
  const { id, metric, severity, raisedAt, clearedAt } = readFragment(AlertRowAlert, item);
  const to = clearedAt ? Date.parse(clearedAt) : null;
  return metric === null ? [] : [{ id, metric, severity, from: Date.parse(raisedAt), to }];
}
