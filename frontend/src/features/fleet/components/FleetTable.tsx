import { useOutOfService } from '~/features/alerts/hooks/useOutOfService';
import { byMachine } from '~/features/alerts/model/outOfService';
import type { FragmentOf } from '~/gql/graphql';
import tables from '~/ui/DataTable.module.css';
import { FleetRow, type FleetRowMachine } from './FleetRow';
import classes from './FleetTable.module.css';

interface FleetTableProps {
  machines: readonly ({ id: string } & FragmentOf<typeof FleetRowMachine>)[];
}

export function FleetTable({ machines }: FleetTableProps) {
  const { items } = useOutOfService();
  const outOfService = byMachine(items ?? []);
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">Machines, worst first</caption>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Machine</th>
            <th scope="col">Health, 0 to 100</th>
            <th scope="col" data-number>
              Active
            </th>
            <th scope="col" data-number>
              Unack.
            </th>
            <th scope="col" data-number>
              Last reading
            </th>
            <th scope="col" className={classes.wideOnly}>
              Kind
            </th>
            <th scope="col" className={classes.wideOnly}>
              Location
            </th>
          </tr>
        </thead>
        <tbody>
          {machines.map((machine) => (
            <FleetRow key={machine.id} machine={machine} outOfService={outOfService.get(machine.id) ?? []} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
