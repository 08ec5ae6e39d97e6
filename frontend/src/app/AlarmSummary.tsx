import { Link } from '@tanstack/react-router';
import { useCallback } from 'react';
import { graphql } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { severities, severityWords } from '~/lib/alarm';
import { formatCount } from '~/lib/format';
import { usePolling } from '~/lib/polling';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import classes from './AlarmSummary.module.css';

const AlarmCounts = graphql(`
  query AlarmCounts {
    CRITICAL: alerts(
      first: 1
      filter: { severity: [CRITICAL], state: [ACTIVE_UNACKNOWLEDGED, ACTIVE_ACKNOWLEDGED] }
    ) {
      totalCount
    }
    WARNING: alerts(
      first: 1
      filter: { severity: [WARNING], state: [ACTIVE_UNACKNOWLEDGED, ACTIVE_ACKNOWLEDGED] }
    ) {
      totalCount
    }
    INFO: alerts(first: 1, filter: { severity: [INFO], state: [ACTIVE_UNACKNOWLEDGED, ACTIVE_ACKNOWLEDGED] }) {
      totalCount
    }
    unacknowledged: alerts(first: 1, filter: { state: [ACTIVE_UNACKNOWLEDGED, CLEARED_UNACKNOWLEDGED] }) {
      totalCount
    }
  }
`);

const activeStates = 'ACTIVE_UNACKNOWLEDGED,ACTIVE_ACKNOWLEDGED';
const unacknowledgedStates = 'ACTIVE_UNACKNOWLEDGED,CLEARED_UNACKNOWLEDGED';
const pollEveryMs = 30_000;

/** Active alerts by severity and the unacknowledged ones; always in the same place. */
export function AlarmSummary() {
  const [{ data }, execute] = useLastingQuery({ query: AlarmCounts });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useLiveRefetch((event) => event.kind === 'alert', refetch);
  usePolling(refetch, pollEveryMs);
  return (
    <nav className={classes.summary} aria-label="Alarm summary">
      {severities.map((severity) => {
        const count = data?.[severity].totalCount;
        return (
          <Link
            key={severity}
            to="/alerts"
            search={{ severity, state: activeStates }}
            className={classes.item}
            title={`Active alerts: ${severityWords[severity]}`}
          >
            <SeveritySymbol severity={severity} isDecorative isQuiet={!count} />
            <span className="pw-hidden">{severityWords[severity]}: </span>
            <span className={classes.count}>{count === undefined ? '–' : formatCount(count)}</span>
            <span className="pw-hidden"> active</span>
          </Link>
        );
      })}
      <Link to="/alerts" search={{ state: unacknowledgedStates }} className={classes.item}>
        <span className={classes.count}>{data ? formatCount(data.unacknowledged.totalCount) : '–'}</span>{' '}
        <span className={classes.word} data-width="wide">
          unacknowledged
        </span>
        <span className={classes.word} data-width="narrow">
          unack.
        </span>
      </Link>
    </nav>
  );
}
