import { Link } from '@tanstack/react-router';
import { describeOutOfService, type OutOfServiceItem } from '~/features/alerts/model/outOfService';
import { suppressionShapes } from '~/features/alerts/model/suppression';
import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
import { toWords } from '~/lib/format';
import { useIsStale } from '~/lib/staleness';
import { Age } from '~/ui/Age';
import { HealthBar } from '~/ui/HealthBar';
import { StateMark } from '~/ui/StateMark';
import { StatusMark } from '~/ui/StatusMark';
import classes from './FleetTable.module.css';

export const FleetRowMachine = graphql(`
  fragment FleetRowMachine on Machine {
    id
    name
    identifier
    kind
    location
    status
    healthScore
    lastReadingAt
    activeAlertCount
    unacknowledgedAlertCount
  }
`);

interface FleetRowProps {
  machine: FragmentOf<typeof FleetRowMachine>;
  /** What of it is out of service. */
  outOfService: readonly OutOfServiceItem[];
}

export function FleetRow(props: FleetRowProps) {
  const machine = readFragment(FleetRowMachine, props.machine);
  const isStale = useIsStale(machine.lastReadingAt);
  const kind = toWords(machine.kind);
  const service = describeOutOfService(props.outOfService);
  return (
    <tr data-stale={isStale || undefined}>
      <td>
        <StatusMark status={machine.status} />
      </td>
      <th scope="row" className={classes.name}>
        <Link to="/machines/$machineId" params={{ machineId: machine.id }}>
          {machine.name}
        </Link>
        <span className={classes.identifier}>{machine.identifier}</span>
        <span className={classes.narrowOnly}>{[kind, machine.location].filter(Boolean).join(' · ')}</span>
        {service && (
          <span className={classes.service}>
            <StateMark shape={suppressionShapes.OUT_OF_SERVICE} word={service} isAbnormal />
          </span>
        )}
      </th>
      <td>
        <HealthBar score={machine.healthScore} isStale={isStale} />
      </td>
      <td data-number>{machine.activeAlertCount}</td>
      <td data-number>
        {machine.unacknowledgedAlertCount > 0 ? (
          <strong>{machine.unacknowledgedAlertCount}</strong>
        ) : (
          machine.unacknowledgedAlertCount
        )}
      </td>
      <td data-number>
        <Age time={machine.lastReadingAt} isStale={isStale} />
      </td>
      <td className={classes.wideOnly}>{kind}</td>
      <td className={classes.wideOnly}>{machine.location ?? '–'}</td>
    </tr>
  );
}
