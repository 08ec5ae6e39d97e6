import { Link } from '@tanstack/react-router';
import { AgentStateMark } from '~/features/agents/components/AgentStateMark';
import { protocolWords } from '~/features/machine-form/model/machine';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '~/gql/graphql';
import { toWords } from '~/lib/format';
import { useIsStale } from '~/lib/staleness';
import { Age } from '~/ui/Age';
import { HealthBar } from '~/ui/HealthBar';
import { StatusMark } from '~/ui/StatusMark';
import classes from './MachinePage.module.css';

export const MachineHeadMachine = graphql(`
  fragment MachineHeadMachine on Machine {
    identifier
    kind
    protocol
    location
    status
    healthScore
    lastReadingAt
    agents {
      id
      name
      state
    }
  }
`);

type Agents = ResultOf<typeof MachineHeadMachine>['agents'];

/** The agents its readings come through; what is out of order about them. */
function ReadBy({ agents }: { agents: Agents }) {
  return (
    <span className={classes.agents}>
      {agents.map((agent) => (
        <span key={agent.id} className={classes.agent}>
          <Link to="/agents/$agentId" params={{ agentId: agent.id }}>
            {agent.name}
          </Link>
          {agent.state !== 'ONLINE' && <AgentStateMark state={agent.state} />}
        </span>
      ))}
    </span>
  );
}

/** The state of the machine in one line. */
export function MachineHead(props: { machine: FragmentOf<typeof MachineHeadMachine> }) {
  const machine = readFragment(MachineHeadMachine, props.machine);
  const isStale = useIsStale(machine.lastReadingAt);
  const facts = [
    ['Status', <StatusMark key="status" status={machine.status} />],
    ['Health', <HealthBar key="health" score={machine.healthScore} isStale={isStale} />],
    ['Last reading', <Age key="age" time={machine.lastReadingAt} isStale={isStale} />],
    ['Location', machine.location ?? '–'],
    ['Kind', toWords(machine.kind)],
    ['Identifier', machine.identifier],
    ['Source', protocolWords[machine.protocol]],
    ...(machine.agents.length > 0
      ? [['Read by', <ReadBy key="agents" agents={machine.agents} />] as const]
      : []),
  ] as const;
  return (
    <dl className={classes.head} aria-label="Machine state">
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt className="pw-dim">{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
