import { Link } from '@tanstack/react-router';
import { useCallback } from 'react';
import { type FragmentOf, graphql, readFragment } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { type MachineStatus, machineStatuses, machineStatusWords } from '~/lib/alarm';
import { formatCount, formatSigned } from '~/lib/format';
import { usePolling } from '~/lib/polling';
import tables from '~/ui/DataTable.module.css';
import { ErrorState } from '~/ui/ErrorState';
import { HealthBar } from '~/ui/HealthBar';
import { SkeletonRows } from '~/ui/SkeletonRows';
import classes from './FleetHealth.module.css';

const FleetHealthRollup = graphql(`
  fragment FleetHealthRollup on HealthRollup {
    byStatus {
      status
      machines
    }
    meanScore
    trend24h
    trend7d
    worst {
      machineId
      name
      score
    }
  }
`);

const FleetHealthBySite = graphql(
  `
    query FleetHealthBySite {
      fleetHealth(worst: 1) {
        whole {
          machines
          ...FleetHealthRollup
        }
        sites {
          site
          ...FleetHealthRollup
        }
      }
    }
  `,
  [FleetHealthRollup],
);

const refreshEveryMs = 60_000;

interface RollupRowProps {
  name: string;
  rollup: FragmentOf<typeof FleetHealthRollup>;
}

/** "1 critical, 4 healthy": the worst first, and no word of what there is none of. */
function describeStatuses(byStatus: readonly { status: MachineStatus; machines: number }[]): string {
  const counts = new Map(byStatus.map(({ status, machines }) => [status, machines]));
  return machineStatuses
    .filter((status) => counts.get(status))
    .map((status) => `${formatCount(counts.get(status) ?? 0)} ${machineStatusWords[status].toLowerCase()}`)
    .join(', ');
}

function RollupRow({ name, ...props }: RollupRowProps) {
  const rollup = readFragment(FleetHealthRollup, props.rollup);
  return (
    <tr>
      <th scope="row" className={classes.site}>
        {name}
      </th>
      <td>{describeStatuses(rollup.byStatus)}</td>
      <td>{rollup.meanScore !== null && <HealthBar score={Math.round(rollup.meanScore)} />}</td>
      <td data-number>{formatSigned(rollup.trend24h, 1)}</td>
      <td data-number>{formatSigned(rollup.trend7d, 1)}</td>
      <td>
        <ul className={classes.worst}>
          {rollup.worst.map(({ machineId, name: machine, score }) => (
            <li key={machineId}>
              <strong>{score}</strong>{' '}
              <Link to="/machines/$machineId" params={{ machineId }}>
                {machine}
              </Link>
            </li>
          ))}
        </ul>
      </td>
    </tr>
  );
}

/** Status and score of each site and of all machines, the lowest mean first. */
export function FleetHealth() {
  const [{ data, error }, execute] = useLastingQuery({ query: FleetHealthBySite });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useLiveRefetch((event) => event.kind === 'machine', refetch);
  usePolling(refetch, refreshEveryMs);
  if (!data) {
    return error ? (
      <ErrorState what="The health of the sites could not be loaded." error={error} onRetry={refetch} />
    ) : (
      <SkeletonRows label="Loading the health of the sites" count={2} />
    );
  }
  const { whole, sites } = data.fleetHealth;
  if (whole.machines === 0) {
    return null;
  }
  return (
    <section aria-labelledby="fleet-health-title" className="pw-stack">
      <h2 id="fleet-health-title">Health by site</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a frame that scrolls has to be reached by keyboard */}
      <div className={`${tables.frame} ${classes.frame}`} tabIndex={0}>
        <table className={tables.table}>
          <caption className="pw-hidden">Health by site, the lowest mean first</caption>
          <thead>
            <tr>
              <th scope="col">Site</th>
              <th scope="col">Machines</th>
              <th scope="col">Mean health</th>
              <th scope="col" data-number>
                24 h
              </th>
              <th scope="col" data-number>
                7 d
              </th>
              <th scope="col">Lowest</th>
            </tr>
          </thead>
          <tbody>
            {sites.length > 1 && <RollupRow name="All sites" rollup={whole} />}
            {sites.map((site) => (
              <RollupRow key={site.site} name={site.site ?? 'No location'} rollup={site} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
