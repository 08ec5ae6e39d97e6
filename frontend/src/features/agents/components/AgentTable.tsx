import tables from '~/ui/DataTable.module.css';
import type { AgentItem } from '../hooks/useAgents';
import type { SilenceAlert } from '../hooks/useSilenceAlerts';
import { AgentRow } from './AgentRow';

interface AgentTableProps {
  agents: readonly { id: string; item: AgentItem }[];
  newestVersion: string | null;
  alerts: ReadonlyMap<string, SilenceAlert>;
}

export function AgentTable({ agents, newestVersion, alerts }: AgentTableProps) {
  return (
    <div className={tables.frame}>
      <table className={tables.table}>
        <caption className="pw-hidden">Agents, worst first</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Agent</th>
            <th scope="col" data-number>
              Last heard
            </th>
            <th scope="col" data-number>
              Sources well
            </th>
            <th scope="col">Buffer</th>
            <th scope="col">Version</th>
          </tr>
        </thead>
        <tbody>
          {agents.map(({ id, item }) => (
            <AgentRow key={id} agent={item} newestVersion={newestVersion} alert={alerts.get(id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
