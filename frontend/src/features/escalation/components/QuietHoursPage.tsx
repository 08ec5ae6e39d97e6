import { useCallback } from 'react';
import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { canAdminister, canManageWorkOrders, useViewer } from '~/lib/viewer';
import { ErrorState } from '~/ui/ErrorState';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useTargets } from '../hooks/useTargets';
import { QuietSettingsFields } from '../model/quietHours';
import { EscalationTabs } from './EscalationTabs';
import { QuietPanel } from './QuietPanel';

const QuietQuery = graphql(
  `
    query QuietHours {
      quietHours {
        ...QuietSettingsFields
      }
    }
  `,
  [QuietSettingsFields],
);

/** What programs read does not sleep with the plant. */
const programs: readonly string[] = ['webhook', 'mqtt', 'pagerduty', 'opsgenie'];

function insteadOf(type: string, hasTenant: boolean): string {
  if (!hasTenant) {
    return 'It is told everything at once.';
  }
  return programs.includes(type)
    ? 'Those of the plant are for people: this channel is told everything at once.'
    : 'Those of the plant hold.';
}

function QuietSettings() {
  const viewer = useViewer();
  const { channels } = useTargets();
  const [{ data, error }, execute] = useLastingQuery({ query: QuietQuery, requestPolicy: 'network-only' });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  if (!data) {
    return error ? (
      <ErrorState what="The quiet hours could not be loaded." error={error} onRetry={refetch} />
    ) : (
      <SkeletonRows label="Loading the quiet hours" count={2} height={160} />
    );
  }
  const { own, tenant } = data.quietHours;
  return (
    <>
      <p className="pw-dim">
        In quiet hours, alerts of low urgency that routes and escalations tell wait, and are told together
        afterwards. What is critical is told at once, always.
      </p>
      <QuietPanel
        title="My quiet hours"
        scope="USER"
        quiet={own}
        instead={tenant ? 'Those of the plant hold for me.' : 'I am told everything at once.'}
        canEdit
        onChanged={refetch}
      />
      <QuietPanel
        title="Quiet hours of the plant"
        scope="TENANT"
        quiet={tenant}
        instead="Whoever has no quiet hours of their own is told everything at once."
        canEdit={canAdminister(viewer)}
        onChanged={refetch}
      />
      {channels.map((channel) => (
        <QuietPanel
          key={channel.id}
          title={`Channel ${channel.name}`}
          scope="CHANNEL"
          channelId={channel.id}
          quiet={data.quietHours.channels.find(({ channelId }) => channelId === channel.id) ?? null}
          instead={insteadOf(channel.type, tenant !== null)}
          canEdit={canManageWorkOrders(viewer)}
          onChanged={refetch}
        />
      ))}
    </>
  );
}

/** When low urgency waits, and when what waited is told. */
export function QuietHoursPage() {
  return (
    <>
      <PageHeader title="Quiet hours" />
      <EscalationTabs />
      <QuietSettings />
    </>
  );
}
