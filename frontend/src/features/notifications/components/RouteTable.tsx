import { Button } from '@mantine/core';
import tables from '~/ui/DataTable.module.css';
import { useMachineNames } from '~/ui/MachineFilter';
import { StateMark } from '~/ui/StateMark';
import { describeRoute } from '../model/routeDraft';
import type { NotificationRoute } from '../model/routeFragment';
import classes from './Notifications.module.css';

interface RouteTableProps {
  routes: readonly NotificationRoute[];
  channelName: (id: string) => string;
  /** Left out for who may change nothing. */
  onEdit?: (route: NotificationRoute) => void;
  onDelete?: (route: NotificationRoute) => void;
}

/** Which events go to whom. */
export function RouteTable({ routes, channelName, onEdit, onDelete }: RouteTableProps) {
  const machines = useMachineNames();
  const machineName = (id: string): string => machines.get(id) ?? 'a machine that is not listed';
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">Routes</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Route</th>
            <th scope="col">To</th>
            {onEdit && <td className={classes.corner} />}
          </tr>
        </thead>
        <tbody>
          {routes.map((route) => (
            <tr key={route.id}>
              <td>
                <StateMark
                  shape={route.isActive ? 'circle' : 'struck'}
                  word={route.isActive ? 'In use' : 'Not in use'}
                  isAbnormal={false}
                />
              </td>
              <th scope="row" className={classes.name}>
                {route.name}
                <span className={classes.small}>{describeRoute(route, machineName)}</span>
              </th>
              <td>{route.channelIds.map(channelName).join(', ') || 'Nobody: its channels are gone'}</td>
              {onEdit && (
                <td>
                  <div className={classes.actions}>
                    <Button
                      variant="default"
                      className="pw-target"
                      aria-label={`Edit ${route.name}`}
                      onClick={() => onEdit(route)}
                    >
                      Edit
                    </Button>
                    <Button
                      variant="default"
                      className="pw-target"
                      aria-label={`Delete ${route.name}`}
                      onClick={() => onDelete?.(route)}
                    >
                      Delete
                    </Button>
                  </div>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
