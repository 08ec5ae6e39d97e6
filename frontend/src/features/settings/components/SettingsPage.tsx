import { useCallback, useState } from 'react';
import { PushPanel } from '~/features/notifications/components/PushPanel';
import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { canAdminister, useViewer } from '~/lib/viewer';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { DetectionParameters } from '../model/detection';
import { MachineChartParameters } from '../model/machineChart';
import { AlertSettings } from './AlertSettings';
import { ApiKeys } from './ApiKeys';
import { PlantSettings } from './PlantSettings';

const SettingsQuery = graphql(
  `
    query Settings {
      settings {
        anomalyWeight
        offlineAfterSeconds
        detection {
          ...DetectionParameters
        }
        machineChart {
          ...MachineChartParameters
        }
      }
    }
  `,
  [DetectionParameters, MachineChartParameters],
);

export function SettingsPage() {
  const viewer = useViewer();
  const isAdmin = canAdminister(viewer);
  const [isSaved, setIsSaved] = useState(false);
  const [{ data, error }, execute] = useLastingQuery({ query: SettingsQuery, requestPolicy: 'network-only' });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  return (
    <>
      <PageHeader title="Settings" />
      {viewer && !isAdmin && (
        <Note>Only an administrator can change settings and see API keys. You can read the rest.</Note>
      )}
      {error && !data && (
        <ErrorState what="The settings could not be loaded." error={error} onRetry={refetch} />
      )}
      {!data && !error && <SkeletonRows label="Loading the settings" count={6} />}
      <PushPanel />
      {isAdmin && <ApiKeys />}
      {data && (
        <PlantSettings
          key={JSON.stringify(data.settings)}
          settings={data.settings}
          isReadOnly={!isAdmin}
          isSaved={isSaved}
          onSaved={() => {
            setIsSaved(true);
            refetch();
          }}
        />
      )}
      {viewer && <AlertSettings isReadOnly={!isAdmin} />}
    </>
  );
}
