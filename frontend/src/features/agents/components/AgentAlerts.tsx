import { Link } from '@tanstack/react-router';
import { AlertList } from '~/features/alerts/components/AlertList';
import { useAgentAlerts } from '../hooks/useAgentAlerts';

/** The open alerts about an agent; nothing when there are none. */
export function AgentAlerts({ agentId }: { agentId: string }) {
  const { alerts, refetch } = useAgentAlerts(agentId);
  if (alerts.length === 0) {
    return null;
  }
  return (
    <section className="pw-stack" aria-labelledby="agent-alerts-title">
      <div className="pw-spread">
        <h2 id="agent-alerts-title">Open alerts</h2>
        <Link to="/alerts" search={{ cause: 'AGENT_SILENT' }}>
          All alerts about silent agents
        </Link>
      </div>
      <AlertList alerts={alerts} isMachineShown={false} onChanged={refetch} />
    </section>
  );
}
