import { Link } from '@tanstack/react-router';
import { type AlertCause, alertCauseWords } from '~/lib/alarm';
import { formatCount, formatValue, toWords } from '~/lib/format';
import table from '~/ui/DataTable.module.css';

interface Actor {
  alerts: number;
  chatters: number;
  fleetings: number;
  alert: {
    id: string;
    message: string;
    metric: string | null;
    cause: AlertCause;
    machine: { id: string; name: string } | null;
  } | null;
}

/** The causes that came most often: the work list of whoever tunes the alerts. */
export function BadActors({ actors, total }: { actors: readonly Actor[]; total: number }) {
  return (
    <section aria-label="Most frequent">
      <h2>Most frequent</h2>
      <div className={table.frame}>
        <table className={table.table}>
          <thead>
            <tr>
              <th>Cause</th>
              <th data-number>Alerts</th>
              <th data-number>Share</th>
              <th data-number>Chatters</th>
              <th data-number>Fleeting</th>
            </tr>
          </thead>
          <tbody>
            {actors.map(
              ({ alert, alerts, chatters, fleetings }) =>
                alert && (
                  <tr key={alert.id}>
                    <td>
                      <Link to="/alerts/$alertId" params={{ alertId: alert.id }}>
                        {[
                          alert.machine?.name,
                          alert.metric && toWords(alert.metric),
                          alertCauseWords[alert.cause],
                        ]
                          .filter(Boolean)
                          .join(', ')}
                      </Link>
                    </td>
                    <td data-number>{formatCount(alerts)}</td>
                    <td data-number>{formatValue((100 * alerts) / Math.max(1, total))} %</td>
                    <td data-number>{formatCount(chatters)}</td>
                    <td data-number>{formatCount(fleetings)}</td>
                  </tr>
                ),
            )}
          </tbody>
        </table>
      </div>
    </section>
  );
}
