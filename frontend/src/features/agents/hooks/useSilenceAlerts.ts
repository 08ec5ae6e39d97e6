import { useCallback, useMemo } from 'react';
import { graphql } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { isUnacknowledged, type Severity } from '~/lib/alarm';

const SilenceAlerts = graphql(`
  query SilenceAlerts {
    alerts(
      first: 100
      filter: { cause: [AGENT_SILENT], state: [ACTIVE_UNACKNOWLEDGED, ACTIVE_ACKNOWLEDGED] }
    ) {
      nodes {
        id
        severity
        state
        agent {
          id
        }
      }
    }
  }
`);

export interface SilenceAlert {
  severity: Severity;
  isUnacknowledged: boolean;
}

/** The active alerts about silent agents, by the agent's id. */
export function useSilenceAlerts(): ReadonlyMap<string, SilenceAlert> {
  const [{ data }, execute] = useLastingQuery({ query: SilenceAlerts });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useLiveRefetch((event) => event.kind === 'alert', refetch);
  return useMemo(() => {
    const nodes = data?.alerts.nodes ?? [];
    return new Map(
      nodes.flatMap(({ agent, severity, state }) =>
        agent ? [[agent.id, { severity, isUnacknowledged: isUnacknowledged(state) }] as const] : [],
      ),
    );
  }, [data]);
}
