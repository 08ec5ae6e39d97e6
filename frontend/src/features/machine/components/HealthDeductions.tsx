import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '~/gql/graphql';
import { formatDateTime } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import { momentOf } from '../model/search';
import classes from './Health.module.css';

export const HealthDeductionsHealth = graphql(`
  fragment HealthDeductionsHealth on Health {
    deductions {
      rule
      description
      pointsEach
      found
      counted
      cap
      points
    }
    evidence {
      alerts {
        rule
        alert {
          id
          severity
          message
          metric
          raisedAt
          clearedAt
        }
      }
    }
  }
`);

interface HealthDeductionsProps {
  machineId: string;
  health: FragmentOf<typeof HealthDeductionsHealth>;
}

type Alerts = ResultOf<typeof HealthDeductionsHealth>['evidence']['alerts'];

interface DeductedAlertsProps {
  machineId: string;
  found: number;
  alerts: Alerts;
}

/** The alerts of a row, each leading to its moment in the trends. */
function DeductedAlerts({ machineId, found, alerts }: DeductedAlertsProps) {
  return (
    <details className={classes.alerts}>
      <summary>{found === 1 ? '1 alert' : `${found} alerts`}</summary>
      <ul>
        {alerts.map(({ alert }) => (
          <li key={alert.id}>
            <SeveritySymbol severity={alert.severity} size={14} />{' '}
            <Link to="/machines/$machineId" params={{ machineId }} search={momentOf(alert)}>
              {alert.message}
            </Link>{' '}
            <time className="pw-dim" dateTime={alert.raisedAt}>
              {formatDateTime(alert.raisedAt)}
            </time>
          </li>
        ))}
      </ul>
      {found > alerts.length && (
        <Link to="/alerts" search={{ machine: machineId }}>
          and {found - alerts.length} more
        </Link>
      )}
    </details>
  );
}

/** The published table of deductions; below each row the alerts that it counts. */
export function HealthDeductions({ machineId, ...props }: HealthDeductionsProps) {
  const { deductions, evidence } = readFragment(HealthDeductionsHealth, props.health);
  return (
    <table className={tables.table}>
      <caption className="pw-hidden">Deductions from the alert score of 100</caption>
      <thead>
        <tr>
          <th scope="col">Deduction</th>
          <th scope="col" data-number>
            Each × counted (cap)
          </th>
          <th scope="col" data-number>
            Points
          </th>
        </tr>
      </thead>
      <tbody>
        {deductions.map((row) => {
          const alerts = evidence.alerts.filter(({ rule }) => rule === row.rule);
          return (
            <Fragment key={row.rule}>
              <tr className={alerts.length > 0 ? classes.deduction : undefined}>
                <td>{row.description}</td>
                <td data-number>
                  {row.pointsEach} × {row.counted} ({row.cap})
                </td>
                <td data-number>{row.points === 0 ? '0' : `−${Math.abs(row.points)}`}</td>
              </tr>
              {alerts.length > 0 && (
                <tr>
                  <td colSpan={3}>
                    <DeductedAlerts machineId={machineId} found={row.found} alerts={alerts} />
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}
