import { Link } from '@tanstack/react-router';
import { formatDateTime, formatSpan } from '~/lib/format';
import type { Triage } from '../hooks/useTriage';
import classes from './Triage.module.css';

type Earlier = Triage['previous'][number];

function lasted({ raisedAt, clearedAt }: Earlier): string {
  return clearedAt ? `lasted ${formatSpan(Date.parse(clearedAt) - Date.parse(raisedAt))}` : 'still active';
}

function Done({ earlier }: { earlier: Earlier }) {
  const written = earlier.comments.filter(({ isSystem }) => !isSystem);
  const isNothing = !earlier.acknowledgedAt && written.length === 0 && !earlier.workOrder;
  return (
    <>
      {earlier.acknowledgedAt && (
        <p>
          {earlier.acknowledgedBy?.fullName ?? 'A former user'} acknowledged
          {earlier.acknowledgeNote ? `: “${earlier.acknowledgeNote}”` : ' it without a note'}
        </p>
      )}
      {written.map(({ id, body }) => (
        <p key={id} className={classes.body}>
          “{body}”
        </p>
      ))}
      {earlier.workOrder && (
        <p>
          <Link to="/work-orders" search={{ order: earlier.workOrder.id }}>
            Work order {earlier.workOrder.number}
          </Link>
        </p>
      )}
      {isNothing && <p className="pw-dim">Nothing was written down.</p>}
    </>
  );
}

/** What people did when the same cause came before. */
export function LastTime({ previous }: Pick<Triage, 'previous'>) {
  return (
    <section className="pw-panel pw-stack" aria-label="What was done last time">
      <h2>What was done last time</h2>
      {previous.length === 0 && <p className="pw-dim">This is the first time.</p>}
      <ul className={classes.list}>
        {previous.map((earlier) => (
          <li key={earlier.id}>
            <p className={classes.facts}>
              <Link to="/alerts/$alertId" params={{ alertId: earlier.id }}>
                {formatDateTime(earlier.raisedAt)}
              </Link>
              <span>{lasted(earlier)}</span>
            </p>
            <Done earlier={earlier} />
          </li>
        ))}
      </ul>
    </section>
  );
}
