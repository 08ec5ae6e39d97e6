import { Link } from '@tanstack/react-router';
import type { AgentDetail } from '../model/agentFragment';
import classes from './AgentMachines.module.css';

type AgentMachinesProps = Pick<AgentDetail, 'state' | 'machines' | 'machineCount'>;

/** The machines whose readings come through the agent, and what its silence means for them. */
export function AgentMachines({ state, machines, machineCount }: AgentMachinesProps) {
  const more = machineCount - machines.length;
  return (
    <section className="pw-panel pw-stack" aria-labelledby="machines-title">
      <h2 id="machines-title">Machines behind this agent</h2>
      {machines.length === 0 && (
        <p className="pw-dim">No reading of a machine has come through this agent in the past seven days.</p>
      )}
      {machines.length > 0 && state === 'SILENT' && (
        <p>
          Nothing comes from these machines through this agent. Alerts that say only that are suppressed by
          design, unless another agent reads the machine and is heard.
        </p>
      )}
      {machines.length > 0 && (
        <ul className={classes.list}>
          {machines.map((machine) => (
            <li key={machine.id}>
              <Link to="/machines/$machineId" params={{ machineId: machine.id }}>
                {machine.name}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {more > 0 && <p className="pw-dim">and {more.toLocaleString('en')} more</p>}
    </section>
  );
}
