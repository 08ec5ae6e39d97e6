import { Link } from '@tanstack/react-router';
import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
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

/** Alerts named below a row; the list of alerts has the others. */
const shownPerRule = 3;

/** The published table of deductions; each row with the alerts that it counts. */
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
            <tr key={row.rule}>
              <td>
                {row.description}
                {alerts.length > 0 && (
                  <ul className={classes.alerts} aria-label={row.description}>
                    {alerts.slice(0, shownPerRule).map(({ alert }) => (
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
                    {row.found > shownPerRule && (
                      <li>
                        <Link to="/alerts" search={{ machine: machineId }}>
                          and {row.found - Math.min(shownPerRule, alerts.length)} more
                        </Link>
                      </li>
                    )}
                  </ul>
                )}
              </td>
              <td data-number>
                {row.pointsEach} × {row.counted} ({row.cap})
              </td>
              <td data-number>{row.points === 0 ? '0' : `−${Math.abs(row.points)}`}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
