import { Link } from '@tanstack/react-router';
import { formatDateTime, toWords } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import type { WorkOrderItem } from '../hooks/useWorkOrders';
import { workOrderStatusWords } from '../model/workOrder';
import classes from './WorkOrdersPage.module.css';

export function WorkOrderTable({ orders }: { orders: readonly WorkOrderItem[] }) {
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">Work orders</caption>
        <thead>
          <tr>
            <th scope="col" data-number>
              No.
            </th>
            <th scope="col">Title</th>
            <th scope="col">Status</th>
            <th scope="col">Priority</th>
            <th scope="col">Machine</th>
            <th scope="col" className={classes.inPanel}>
              Assigned to
            </th>
            <th scope="col" className={classes.inPanel}>
              Changed
            </th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.id}>
              <td data-number>{order.number}</td>
              <td className={classes.title}>
                <Link to="/work-orders" search={(old) => ({ ...old, order: order.id })}>
                  {order.title}
                </Link>
              </td>
              <td className="pw-nowrap">{workOrderStatusWords[order.status]}</td>
              <td>{toWords(order.priority)}</td>
              <td>{order.machine.name}</td>
              <td className={classes.inPanel}>{order.assignedTo?.fullName ?? 'Nobody'}</td>
              <td className={`${classes.inPanel} ${classes.changed}`}>{formatDateTime(order.updatedAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
