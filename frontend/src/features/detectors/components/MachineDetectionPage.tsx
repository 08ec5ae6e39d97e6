import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useUpdateMachineChart } from '~/features/settings/hooks/useUpdateMachineChart';
import {
  type MachineChart,
  MachineChartParameters,
  machineChartFields,
  readChartChanges,
  toChartDraft,
} from '~/features/settings/model/machineChart';
import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useTrial } from '../hooks/useTrial';
import { compareEpisodes } from '../model/comparing';
import { MachineTrialQuery, whyUnjudged } from '../model/machineTrial';
import { type PeriodName, periodBefore } from '../model/search';
import classes from './DetectorsPage.module.css';
import { EpisodeTable } from './EpisodeTable';
import { MachinePicture } from './MachinePicture';
import { TrialPanel } from './TrialPanel';
import { TrySettingsForm } from './TrySettingsForm';

const MachineDetection = graphql(
  `
    query MachineDetection($machineId: ID!) {
      machine(id: $machineId) {
        id
        name
      }
      machineChart(machineId: $machineId) {
        machineId
        hasOwnSettings
        settings {
          ...MachineChartParameters
        }
      }
    }
  `,
  [MachineChartParameters],
);

interface ChartOfMachine {
  machineId: string;
  hasOwnSettings: boolean;
  settings: MachineChart;
}

const route = getRouteApi('/shell/machines/$machineId/detection');
const defaultPeriod: PeriodName = '8h';
const keyOf = ({ startedAt }: { startedAt: string }): string => startedAt;

function Chart({ chart, onSaved }: { chart: ChartOfMachine; onSaved: () => void }) {
  const { period = defaultPeriod } = route.useSearch();
  const navigate = route.useNavigate();
  const update = useUpdateMachineChart();
  const [draft, setDraft] = useState(() => toChartDraft(chart.settings));
  const span = useMemo(() => periodBefore(Date.now(), period), [period]);
  const trial = useTrial({
    query: MachineTrialQuery,
    changes: readChartChanges(draft, chart.settings),
    variables: (settings) => ({ machineId: chart.machineId, ...span, settings }),
    read: ({ machineChartTrial }) => machineChartTrial,
  });
  const unjudged = trial.trial && whyUnjudged(trial.trial);
  return (
    <div className={classes.columns}>
      <TrySettingsForm
        subject="machine"
        hasOwn={chart.hasOwnSettings}
        onLabel="The machine is watched as a whole"
        fields={machineChartFields}
        current={chart.settings}
        draft={draft}
        onDraft={setDraft}
        save={(settings) => update({ machineId: chart.machineId, settings })}
        onSaved={onSaved}
      />
      <TrialPanel
        {...trial}
        period={period}
        onPeriod={(chosen) => void navigate({ search: { period: chosen }, replace: true })}
        picture={(shown) => <MachinePicture trial={shown} />}
        legend="Scores, 1 at the limit of what is normal, with the threshold: dashed as shown here, dotted as it is now. They begin with what the machine is known to be like now. Bars: what would be found, what is found now, and the alerts of the machine as a whole there were."
      >
        {(shown) => (
          <>
            {unjudged && <Note>{unjudged}</Note>}
            <EpisodeTable
              rows={compareEpisodes(shown, keyOf)}
              keyOf={keyOf}
              what="What was found"
              tell={({ message }) => message}
            />
          </>
        )}
      </TrialPanel>
    </div>
  );
}

/** How a machine is watched as a whole, tried on its stored readings before it is saved. */
export function MachineDetectionPage() {
  const { machineId } = route.useParams();
  const [{ data, error }, execute] = useLastingQuery({
    query: MachineDetection,
    variables: { machineId },
    requestPolicy: 'cache-and-network',
  });
  const refetch = (): void => execute({ requestPolicy: 'network-only' });
  if (!data) {
    return (
      <>
        <PageHeader title="Detection of a machine" />
        {error ? (
          <ErrorState what="The settings could not be loaded." error={error} onRetry={refetch} />
        ) : (
          <SkeletonRows label="Loading the settings" count={4} height={64} />
        )}
      </>
    );
  }
  if (!data.machine || !data.machineChart) {
    return (
      <>
        <PageHeader title="Machine not found" />
        <EmptyState
          title="There is no such machine"
          action={<Link to="/fleet">Open the fleet overview</Link>}
        >
          It may have been removed, or the link belongs to another plant.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <PageHeader title={`Detection of ${data.machine.name} as a whole`}>
        <Link to="/machines/$machineId" params={{ machineId }}>
          {data.machine.name}
        </Link>
      </PageHeader>
      <Chart
        key={JSON.stringify([machineId, data.machineChart.settings])}
        chart={data.machineChart}
        onSaved={refetch}
      />
    </>
  );
}
