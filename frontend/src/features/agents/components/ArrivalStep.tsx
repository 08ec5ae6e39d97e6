import { Link } from '@tanstack/react-router';
import { useNow } from '~/lib/now';
import { useArrival } from '../hooks/useArrival';
import { describeAgent } from '../model/headline';
import { AgentStateMark } from './AgentStateMark';
import actions from './actions.module.css';
import classes from './ConnectAgent.module.css';

interface ArrivalStepProps {
  name: string;
  apiKeyId: string | null;
}

/** Waits for the first heartbeat. */
export function ArrivalStep({ name, apiKeyId }: ArrivalStepProps) {
  const agent = useArrival(name, apiKeyId);
  const now = useNow();
  return (
    <li className="pw-panel pw-stack" aria-labelledby="arrival-step">
      <h2 id="arrival-step">4. See it arrive</h2>
      <div role="status" className="pw-stack">
        {agent ? (
          <>
            <p className={classes.waiting}>
              <AgentStateMark state={agent.state} isWordless />
              <strong>{agent.name} is connected.</strong>
            </p>
            <p>{describeAgent(agent, now)}</p>
          </>
        ) : (
          <p className={classes.waiting}>{name ? `Waiting for ${name} …` : 'Give the agent a name first.'}</p>
        )}
      </div>
      {agent && (
        <div className="pw-row">
          <Link className={`${actions.link} pw-target`} to="/agents/$agentId" params={{ agentId: agent.id }}>
            Open {agent.name}
          </Link>
          <Link className={`${actions.link} pw-target`} to="/agents">
            All agents
          </Link>
        </div>
      )}
      <p className="pw-dim">
        Does this server reach the device itself? Then{' '}
        <Link to="/connect">connect the machine without an agent</Link>.
      </p>
    </li>
  );
}
