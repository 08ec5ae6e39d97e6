import { Link } from '@tanstack/react-router';
import { AlertList } from '~/features/alerts/components/AlertList';
import { useAgentAlerts } from '../hooks/useAgentAlerts';

/** The open alerts about an agent, and the way to all of them. */
export function AgentAlerts({ agentId }: { agentId: string }) {
  const { alerts, refetch } = useAgentAlerts(agentId);
  if (!alerts) {
    return null;
  }
  return (
    <section className="pw-stack" aria-labelledby="agent-alerts-title">
      <div className="pw-spread">
        <h2 id="agent-alerts-title">Open alerts</h2>
        <Link to="/alerts" search={{ agent: agentId }}>
          All alerts about this agent
        </Link>
      </div>
      {alerts.length > 0 ? (
        <AlertList alerts={alerts} isMachineShown={false} onChanged={refetch} />
      ) : (
        <p className="pw-dim">None.</p>
      )}
    </section>
  );
}
