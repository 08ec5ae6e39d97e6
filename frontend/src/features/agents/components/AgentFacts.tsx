import { formatDateTime } from '~/lib/format';
import { useNow } from '~/lib/now';
import { FactList } from '~/ui/FactList';
import { useAgentKey } from '../hooks/useAgentKey';
import type { AgentDetail } from '../model/agentFragment';
import { describeCertificate, describeClock } from '../model/figures';

/** What an agent is and where it runs. */
export function AgentFacts({ agent }: { agent: AgentDetail }) {
  const now = useNow();
  const key = useAgentKey(agent.apiKeyId);
  const { certificateExpiresAt, clockOffsetMs } = agent;
  const facts = [
    ['Version', agent.version],
    ['Platform', agent.platform],
    ['Calls itself', agent.ownName],
    ['Running since', formatDateTime(agent.startedAt)],
    ['First heard', formatDateTime(agent.firstSeenAt)],
    ['Heartbeat every', `${agent.intervalSeconds} s`],
    [
      'Clock',
      describeClock(clockOffsetMs) ?? (clockOffsetMs === null ? 'Not measured yet' : 'Right within 1 s'),
    ],
    [
      'Client certificate',
      certificateExpiresAt
        ? (describeCertificate(certificateExpiresAt, now) ?? `Until ${formatDateTime(certificateExpiresAt)}`)
        : 'None',
    ],
    ...(key ? [['API key', key.hasEnded ? `${key.name} (no longer valid)` : key.name] as const] : []),
  ] as const;
  return (
    <section className="pw-panel pw-stack" aria-labelledby="facts-title">
      <h2 id="facts-title">About this agent</h2>
      <FactList facts={facts} />
    </section>
  );
}
