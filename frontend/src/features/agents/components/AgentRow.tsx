import { Link } from '@tanstack/react-router';
import { readFragment } from '~/gql/graphql';
import { formatSpan } from '~/lib/format';
import { useNow } from '~/lib/now';
import { Age } from '~/ui/Age';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import type { AgentItem } from '../hooks/useAgents';
import type { SilenceAlert } from '../hooks/useSilenceAlerts';
import { AgentRowAgent } from '../model/agentFragment';
import { countSources, isTroubled, stateSince } from '../model/agentState';
import { describeCertificate, describeClock } from '../model/figures';
import { compareVersions } from '../model/version';
import { AgentStateMark } from './AgentStateMark';
import classes from './AgentTable.module.css';
import { BufferBar } from './BufferBar';

interface AgentRowProps {
  agent: AgentItem;
  newestVersion: string | null;
  alert: SilenceAlert | undefined;
}

export function AgentRow({ agent: item, newestVersion, alert }: AgentRowProps) {
  const agent = readFragment(AgentRowAgent, item);
  const now = useNow();
  const { well, all } = countSources(agent.sources);
  const isOld = newestVersion !== null && compareVersions(agent.version, newestVersion) < 0;
  const notes = [
    isTroubled(agent.uplink.state) ? 'Cannot send its readings' : null,
    describeClock(agent.clockOffsetMs),
    describeCertificate(agent.certificateExpiresAt, now),
  ];
  return (
    <tr>
      <td>
        <span className={classes.state}>
          <AgentStateMark state={agent.state} />
          {alert && <SeveritySymbol severity={alert.severity} isUnacknowledged={alert.isUnacknowledged} />}
          <span className={classes.since}>for {formatSpan(now - stateSince(agent))}</span>
        </span>
      </td>
      <th scope="row" className={classes.name}>
        <Link to="/agents/$agentId" params={{ agentId: agent.id }}>
          {agent.name}
        </Link>
        <span className={classes.platform}>{agent.platform}</span>
        {notes.map(
          (note) =>
            note && (
              <span key={note} className={classes.notes}>
                {note}
              </span>
            ),
        )}
      </th>
      <td data-number>
        <Age time={agent.lastSeenAt} isStale={agent.state === 'SILENT'} />
      </td>
      <td data-number>
        {well < all ? <strong>{well}</strong> : well} of {all}
      </td>
      <td>
        <BufferBar buffer={agent.buffer} clockOffsetMs={agent.clockOffsetMs} />
      </td>
      <td>
        {agent.version}
        {isOld && <span className={classes.platform}>newest here: {newestVersion}</span>}
      </td>
    </tr>
  );
}
