import { Button } from '@mantine/core';
import { useCallback, useState } from 'react';
import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { canAdminister, useViewer } from '~/lib/viewer';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { usePolicyMutations } from '../hooks/usePolicyMutations';
import { type Policy, PolicyFields } from '../model/policy';
import { EscalationTabs } from './EscalationTabs';
import { PolicyCard } from './PolicyCard';
import { PolicyDialog } from './PolicyDialog';

const Policies = graphql(
  `
    query EscalationPolicies {
      escalationPolicies {
        ...PolicyFields
      }
    }
  `,
  [PolicyFields],
);

type Editing = { kind: 'edit'; policy: Policy | null } | { kind: 'delete'; policy: Policy };

function PolicyList() {
  const canEdit = canAdminister(useViewer());
  const { remove } = usePolicyMutations();
  const [editing, setEditing] = useState<Editing | null>(null);
  const [{ data, error }, execute] = useLastingQuery({ query: Policies, requestPolicy: 'network-only' });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  if (!data) {
    return error ? (
      <ErrorState what="The escalation policies could not be loaded." error={error} onRetry={refetch} />
    ) : (
      <SkeletonRows label="Loading the escalation policies" count={3} height={140} />
    );
  }
  const close = (): void => setEditing(null);
  const addButton = canEdit ? (
    <Button className="pw-target" onClick={() => setEditing({ kind: 'edit', policy: null })}>
      New policy
    </Button>
  ) : null;
  return (
    <>
      {data.escalationPolicies.length === 0 ? (
        <EmptyState title="Nobody is told when nobody takes care" action={addButton}>
          {canEdit
            ? 'A policy is a chain: whom to tell, after how long, and whom then.'
            : 'An administrator makes policies: whom to tell when nobody takes care of an alert.'}
        </EmptyState>
      ) : (
        <>
          {addButton && <div>{addButton}</div>}
          {data.escalationPolicies.map((policy) => (
            <PolicyCard
              key={policy.id}
              policy={policy}
              canEdit={canEdit}
              onEdit={() => setEditing({ kind: 'edit', policy })}
              onDelete={() => setEditing({ kind: 'delete', policy })}
            />
          ))}
        </>
      )}
      {editing?.kind === 'edit' && (
        <PolicyDialog policy={editing.policy} onClose={close} onChanged={refetch} />
      )}
      {editing?.kind === 'delete' && (
        <ConfirmDialog
          title={`Delete ${editing.policy.name}`}
          action="Delete the policy"
          onConfirm={() => remove(editing.policy.id)}
          onDone={refetch}
          onClose={close}
        >
          Alerts that are on their way along this chain are told to nobody further. To stop it only for a
          time, switch it off.
        </ConfirmDialog>
      )}
    </>
  );
}

/** Who is told when nobody takes care of an alert. */
export function PoliciesPage() {
  return (
    <>
      <PageHeader title="Escalation" />
      <EscalationTabs />
      <PolicyList />
    </>
  );
}
