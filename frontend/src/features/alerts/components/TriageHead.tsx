import { Link } from '@tanstack/react-router';
import { momentOf } from '~/features/machine/model/search';
import { readFragment } from '~/gql/graphql';
import { alertCauseWords, alertStateWords, isUnacknowledged, severityWords } from '~/lib/alarm';
import { formatCount, formatDateTime } from '~/lib/format';
import { type Fact, FactList } from '~/ui/FactList';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import type { Triage } from '../hooks/useTriage';
import { AlertRowAlert } from '../model/alertFragment';
import { SuppressionMarks } from './SuppressionMarks';
import classes from './Triage.module.css';
import { TriageActions } from './TriageActions';

interface TriageHeadProps {
  alert: Triage['alert'];
  onChanged: () => void;
}

/** What the alert says, and what can be done. */
export function TriageHead(props: TriageHeadProps) {
  const alert = readFragment(AlertRowAlert, props.alert);
  const facts: Fact[] = [
    ['State', alertStateWords[alert.state]],
    ['Raised', formatDateTime(alert.raisedAt)],
    ['Cleared', alert.clearedAt ? formatDateTime(alert.clearedAt) : 'Still active'],
    ['Cause', alertCauseWords[alert.cause]],
    ['Seen', alert.occurrences === 1 ? 'Once' : `${formatCount(alert.occurrences)} times`],
    ['Site', alert.site || 'None'],
  ];
  return (
    <section className={classes.head} aria-label="The alert">
      <div className={classes.headline}>
        <SeveritySymbol
          severity={alert.severity}
          isUnacknowledged={isUnacknowledged(alert.state) && alert.suppression.length === 0}
          isDecorative
          size={34}
        />
        <div className="pw-stack">
          <p className={classes.message}>
            <strong>{severityWords[alert.severity]}</strong>{' '}
            {alert.machine && (
              <Link
                to="/machines/$machineId"
                params={{ machineId: alert.machine.id }}
                search={momentOf(alert)}
              >
                {alert.machine.name}
              </Link>
            )}
            {alert.agent && (
              <Link to="/agents/$agentId" params={{ agentId: alert.agent.id }}>
                {alert.agent.name}
              </Link>
            )}
          </p>
          <p>{alert.message}</p>
          <div className={classes.marks}>
            <SuppressionMarks alert={props.alert} />
          </div>
        </div>
      </div>
      <FactList facts={facts} />
      <TriageActions {...props} />
    </section>
  );
}
