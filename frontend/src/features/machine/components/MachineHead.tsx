import { protocolWords } from '~/features/machine-form/model/machine';
import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
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
  }
`);

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
