import { Button } from '@mantine/core';
import { useCallback, useState } from 'react';
import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { useNow } from '~/lib/now';
import { usePolling } from '~/lib/polling';
import { canAdminister, useViewer } from '~/lib/viewer';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { calendarWindow } from '../model/calendar';
import { RotationFields } from '../model/rotation';
import { EscalationTabs } from './EscalationTabs';
import { type Action, RotationActions } from './RotationActions';
import { RotationCard } from './RotationCard';

const Rotations = graphql(
  `
    query OnCallRotations($from: DateTime!, $to: DateTime!) {
      onCallRotations {
        ...RotationFields
        calendar(from: $from, to: $to) {
          start
          end
          layer
          overrideId
          user {
            id
            fullName
          }
        }
      }
    }
  `,
  [RotationFields],
);

const pollMs = 60_000;

function RotationList() {
  const canEdit = canAdminister(useViewer());
  const { from, to } = calendarWindow(useNow());
  const [action, setAction] = useState<Action | null>(null);
  const [{ data, error }, execute] = useLastingQuery({
    query: Rotations,
    variables: { from: from.toISOString(), to: to.toISOString() },
    requestPolicy: 'network-only',
  });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  usePolling(refetch, pollMs);
  if (!data) {
    return error ? (
      <ErrorState what="The on-call rotations could not be loaded." error={error} onRetry={refetch} />
    ) : (
      <SkeletonRows label="Loading the on-call rotations" count={2} height={220} />
    );
  }
  const addButton = canEdit ? (
    <Button className="pw-target" onClick={() => setAction({ kind: 'edit', rotation: null })}>
      New rotation
    </Button>
  ) : null;
  return (
    <>
      {data.onCallRotations.length === 0 ? (
        <EmptyState title="Nobody is on call" action={addButton}>
          {canEdit
            ? 'A rotation says who takes turns; a policy can tell whoever’s turn it is.'
            : 'An administrator makes rotations: who takes turns in being told.'}
        </EmptyState>
      ) : (
        <>
          {addButton && <div>{addButton}</div>}
          {data.onCallRotations.map((rotation) => (
            <RotationCard
              key={rotation.id}
              rotation={rotation}
              shifts={rotation.calendar}
              from={from}
              to={to}
              onEdit={() => setAction({ kind: 'edit', rotation })}
              onDelete={() => setAction({ kind: 'delete', rotation })}
              onOverride={() => setAction({ kind: 'override', rotation })}
              onRemoveOverride={(override) => setAction({ kind: 'takeAway', rotation, override })}
            />
          ))}
        </>
      )}
      {action && <RotationActions action={action} onClose={() => setAction(null)} onChanged={refetch} />}
    </>
  );
}

/** Who is on call now and in the coming two weeks. */
export function OnCallPage() {
  return (
    <>
      <PageHeader title="On call" />
      <EscalationTabs />
      <RotationList />
    </>
  );
}
