import { useNow } from '~/lib/now';
import { Note } from '~/ui/Note';
import { useAgentKey } from '../hooks/useAgentKey';
import { adviseOnSilence } from '../model/advice';
import type { AgentDetail } from '../model/agentFragment';
import { describeAgent } from '../model/headline';
import { AdviceText } from './AdviceText';
import classes from './AgentPage.module.css';
import { AgentStateMark } from './AgentStateMark';

/** The agent's state in words, and what to do when it is silent. */
export function AgentHeadline({ agent }: { agent: AgentDetail }) {
  const now = useNow();
  const key = useAgentKey(agent.apiKeyId);
  return (
    <section className="pw-panel pw-stack" aria-label="State">
      <p className={classes.headline}>
        <AgentStateMark state={agent.state} isWordless />
        <span>{describeAgent(agent, now)}</span>
      </p>
      {agent.state === 'SILENT' && (
        <Note>
          <AdviceText text={adviseOnSilence(key)} />
        </Note>
      )}
    </section>
  );
}
