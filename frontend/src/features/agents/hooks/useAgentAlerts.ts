import { useCallback, useMemo } from 'react';
import { AlertRowAlert } from '~/features/alerts/model/alertFragment';
import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { compareAlerts } from '~/lib/alarm';

const OpenAgentAlerts = graphql(
  `
    query OpenAgentAlerts($agentId: ID!) {
      alerts(
        first: 20
        filter: {
          agentId: $agentId
          state: [ACTIVE_UNACKNOWLEDGED, ACTIVE_ACKNOWLEDGED, CLEARED_UNACKNOWLEDGED]
        }
      ) {
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

interface AgentAlerts {
  /** In order of work; undefined until they are loaded. */
  alerts: readonly Item[] | undefined;
  refetch: () => void;
}

/** The open alerts about an agent. */
export function useAgentAlerts(agentId: string): AgentAlerts {
  const [{ data }, execute] = useLastingQuery({ query: OpenAgentAlerts, variables: { agentId } });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useLiveRefetch((event) => event.kind === 'alert', refetch);
  const alerts = useMemo(() => {
    const read = (item: Item) => readFragment(AlertRowAlert, item);
    return data?.alerts.nodes.toSorted((a, b) => compareAlerts(read(a), read(b)));
  }, [data]);
  return { alerts, refetch };
}
