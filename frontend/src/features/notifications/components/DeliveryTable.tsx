import { Link } from '@tanstack/react-router';
import { formatCount, formatDateTime } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import { StateMark } from '~/ui/StateMark';
import { deliveryShapes, deliveryStatusWords } from '../model/delivery';
import type { Delivery } from '../model/deliveryFragment';
import { eventWords } from '../model/events';
import classes from './Notifications.module.css';

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const { id, status, severity, subject, event, channel, attempts, createdAt, detail } = delivery;
  return (
    <tr>
      <td>
        <StateMark
          shape={deliveryShapes[status]}
          word={deliveryStatusWords[status]}
          isAbnormal={status === 'DEAD'}
        />
        {status !== 'DELIVERED' && detail && (
          <span className={`${classes.small} ${classes.reason}`}>{detail}</span>
        )}
      </td>
      <td>
        <Link
          to="/notifications/deliveries"
          search={(old) => ({ ...old, delivery: id })}
          className={classes.message}
        >
          {severity && <SeveritySymbol severity={severity} size={18} isQuiet />}
          <span>
            {subject}
            <span className={classes.small}>{eventWords[event]}</span>
          </span>
        </Link>
      </td>
      <td>
        {channel?.name ?? 'Gone'}
        {channel?.isPersonal && <span className={classes.small}>address of a person</span>}
      </td>
      <td data-number className={classes.wideOnly}>
        {formatCount(attempts)}
      </td>
      <td className="pw-nowrap">{formatDateTime(createdAt)}</td>
    </tr>
  );
}

/** Messages, newest first. */
export function DeliveryTable({ deliveries }: { deliveries: readonly Delivery[] }) {
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">Messages, newest first</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Message</th>
            <th scope="col">Channel</th>
            <th scope="col" data-number className={classes.wideOnly}>
              Attempts
            </th>
            <th scope="col">Made</th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map((delivery) => (
            <DeliveryRow key={delivery.id} delivery={delivery} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
