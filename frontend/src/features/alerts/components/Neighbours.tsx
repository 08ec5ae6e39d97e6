import { Link } from '@tanstack/react-router';
import { alertStateWords, isUnacknowledged } from '~/lib/alarm';
import { formatSpan } from '~/lib/format';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import type { Triage } from '../hooks/useTriage';
import classes from './Triage.module.css';

const relationWords = {
  SAME_GROUP: 'Same group',
  SAME_MACHINE: 'Same machine',
  SAME_SITE: 'Same site',
} as const;

function when(seconds: number): string {
  if (Math.abs(seconds) < 1) {
    return 'at the same time';
  }
  return `${formatSpan(Math.abs(seconds) * 1000)} ${seconds < 0 ? 'before' : 'after'}`;
}

/** What else began near this alert, in the order of time. */
export function Neighbours({ neighbours }: Pick<Triage, 'neighbours'>) {
  return (
    <section className="pw-panel pw-stack" aria-label="Beside it">
      <h2>Beside it</h2>
      {neighbours.length === 0 && <p className="pw-dim">No other alert began near this one.</p>}
      <ul className={classes.list}>
        {neighbours.map(({ alert, relation, seconds }) => (
          <li key={alert.id} className={classes.item}>
            <SeveritySymbol
              severity={alert.severity}
              isUnacknowledged={isUnacknowledged(alert.state)}
              size={20}
            />
            <div>
              <Link to="/alerts/$alertId" params={{ alertId: alert.id }}>
                {alert.message}
              </Link>
              <p className={classes.facts}>
                <span>{when(seconds)}</span>
                <span>{relationWords[relation]}</span>
                {alert.machine && <span>{alert.machine.name}</span>}
                <span>{alertStateWords[alert.state]}</span>
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
