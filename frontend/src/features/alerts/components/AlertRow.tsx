import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { momentOf } from '~/features/machine/model/search';
import { type FragmentOf, readFragment } from '~/gql/graphql';
import { alertCauseWords, alertStateWords, isUnacknowledged, severityWords } from '~/lib/alarm';
import { formatCount, formatDateTime, formatSpan, toWords } from '~/lib/format';
import { useNow } from '~/lib/now';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import { AlertRowAlert } from '../model/alertFragment';
import { AlertEvidence } from './AlertEvidence';
import classes from './AlertList.module.css';
import { SuppressionMarks } from './SuppressionMarks';

interface AlertRowProps {
  alert: FragmentOf<typeof AlertRowAlert>;
  isSelected: boolean;
  isOpen: boolean;
  isMachineShown: boolean;
  canCreateWorkOrder: boolean;
  onSelect: () => void;
  onToggle: () => void;
  onAcknowledge: () => void;
  onCreateWorkOrder: () => void;
}

function AlertFacts(props: Pick<AlertRowProps, 'alert'>) {
  const alert = readFragment(AlertRowAlert, props.alert);
  const now = useNow();
  return (
    <p className={classes.facts}>
      <span className={classes.state}>{alertStateWords[alert.state]}</span>
      <SuppressionMarks alert={props.alert} />
      <time dateTime={alert.raisedAt} title={formatDateTime(alert.raisedAt)}>
        Raised {formatSpan(now - Date.parse(alert.raisedAt))} ago
      </time>
      {alert.clearedAt && <span>Cleared {formatDateTime(alert.clearedAt)}</span>}
      <span>{alertCauseWords[alert.cause]}</span>
      <span>{alert.occurrences === 1 ? 'Seen once' : `Seen ${formatCount(alert.occurrences)} times`}</span>
      {alert.acknowledgedAt && (
        <span>
          Acknowledged by {alert.acknowledgedBy?.fullName ?? 'a former user'}
          {alert.acknowledgeNote ? `: “${alert.acknowledgeNote}”` : ''}
        </span>
      )}
    </p>
  );
}

export function AlertRow(props: AlertRowProps) {
  const { isSelected, isOpen, isMachineShown } = props;
  const alert = readFragment(AlertRowAlert, props.alert);
  const row = useRef<HTMLLIElement>(null);
  const isWaiting = isUnacknowledged(alert.state);
  useEffect(() => {
    if (isSelected) {
      row.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [isSelected]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: j, k and the buttons inside do the same by keyboard
    <li
      ref={row}
      className={classes.row}
      data-selected={isSelected || undefined}
      data-follower={!alert.isFirstOut || undefined}
      aria-current={isSelected || undefined}
      onClick={props.onSelect}
    >
      <SeveritySymbol
        severity={alert.severity}
        isUnacknowledged={isWaiting && alert.suppression.length === 0}
        isDecorative
        size={26}
      />
      <div className={classes.body}>
        <p className={classes.headline}>
          <strong>{severityWords[alert.severity]}</strong>
          {isMachineShown && alert.machine && (
            <Link to="/machines/$machineId" params={{ machineId: alert.machine.id }}>
              {alert.machine.name}
            </Link>
          )}
          {alert.metric && <span>{toWords(alert.metric)}</span>}
          {alert.agent && (
            <Link to="/agents/$agentId" params={{ agentId: alert.agent.id }}>
              {alert.agent.name}
            </Link>
          )}
        </p>
        <p>{alert.message}</p>
        <AlertFacts alert={props.alert} />
      </div>
      <div className={classes.actions}>
        {isWaiting && (
          <Button className="pw-target" onClick={props.onAcknowledge}>
            Acknowledge
          </Button>
        )}
        <Link className={classes.action} to="/alerts/$alertId" params={{ alertId: alert.id }}>
          Details
        </Link>
        {alert.machine && (
          <Link
            className={classes.action}
            to="/machines/$machineId"
            params={{ machineId: alert.machine.id }}
            search={momentOf(alert)}
          >
            Show moment
          </Link>
        )}
        {alert.workOrder ? (
          <Link className={classes.action} to="/work-orders" search={{ order: alert.workOrder.id }}>
            Work order {alert.workOrder.number}
          </Link>
        ) : (
          alert.machine &&
          props.canCreateWorkOrder && (
            <Button variant="default" className="pw-target" onClick={props.onCreateWorkOrder}>
              Create work order
            </Button>
          )
        )}
        <Button variant="default" className="pw-target" aria-expanded={isOpen} onClick={props.onToggle}>
          Evidence
        </Button>
      </div>
      {isOpen && <AlertEvidence alertId={alert.id} />}
    </li>
  );
}
