import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useRuleMachines } from '../hooks/useRuleMachines';
import { RuleForm } from './RuleForm';

export function NewRulePage() {
  const machines = useRuleMachines();
  return (
    <>
      <PageHeader title="New rule" />
      {machines ? <RuleForm machines={machines} /> : <SkeletonRows label="Loading the machines" count={6} />}
    </>
  );
}
