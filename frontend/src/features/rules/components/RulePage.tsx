import { Button } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useQuery } from 'urql';
import { canAdminister, useViewer } from '~/lib/viewer';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useRuleMachines } from '../hooks/useRuleMachines';
import { useRuleMutations } from '../hooks/useRuleMutations';
import { AlertRuleQuery } from '../model/operations';
import type { Rule } from '../model/ruleFragment';
import { RuleForm } from './RuleForm';

const route = getRouteApi('/shell/rules/$ruleId');

function DeleteDialog({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { remove } = useRuleMutations();
  const navigate = useNavigate();
  return (
    <ConfirmDialog
      title={`Delete ${rule.name}?`}
      action="Delete the rule"
      onConfirm={() => remove(rule.id)}
      onDone={() => void navigate({ to: '/rules' })}
      onClose={onClose}
    >
      Its alerts stay in the record; those that are active end now.
    </ConfirmDialog>
  );
}

/** A rule that is there, to look at, try and change. */
export function RulePage() {
  const { ruleId } = route.useParams();
  const isAdmin = canAdminister(useViewer());
  const machines = useRuleMachines();
  const [isDeleting, setIsDeleting] = useState(false);
  const [{ data, error }, reload] = useQuery({
    query: AlertRuleQuery,
    variables: { id: ruleId },
    requestPolicy: 'cache-and-network',
  });
  const rule = data?.alertRule;
  if (error) {
    return <ErrorState what="The rule could not be loaded." error={error} onRetry={reload} />;
  }
  if (rule === null) {
    return (
      <EmptyState title="There is no such rule" action={<Link to="/rules">All rules</Link>}>
        It may have been deleted.
      </EmptyState>
    );
  }
  if (!rule || !machines) {
    return <SkeletonRows label="Loading the rule" count={6} />;
  }
  return (
    <>
      <PageHeader title={rule.name}>
        {isAdmin && (
          <Button variant="default" className="pw-target" onClick={() => setIsDeleting(true)}>
            Delete
          </Button>
        )}
      </PageHeader>
      {rule.troubles.map(({ machineId, reason }) => (
        <Note key={`${machineId} ${reason}`}>
          {machineId ? 'Not watched' : 'Broken'}: {reason}
        </Note>
      ))}
      <RuleForm key={`${rule.id} ${rule.version}`} rule={rule} machines={machines} />
      {isDeleting && <DeleteDialog rule={rule} onClose={() => setIsDeleting(false)} />}
    </>
  );
}
