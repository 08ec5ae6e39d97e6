import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { canManageMachines, useViewer } from '~/lib/viewer';
import { Note } from '~/ui/Note';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useConnectDraft } from '../hooks/useConnectDraft';
import { useMachineOfLink } from '../hooks/useMachineChoice';
import { reachableStep, stepsOf, withMachine } from '../model/draft';
import type { StepName } from '../model/search';
import { ConnectionStep } from './ConnectionStep';
import { FileStep } from './FileStep';
import { MachineStep } from './MachineStep';
import { MapStep } from './MapStep';
import { PickStep } from './PickStep';
import { StepList } from './StepList';
import { stepTitleId } from './StepPanel';
import type { StepProps } from './step';
import { ValuesStep } from './ValuesStep';
import { WayStep } from './WayStep';

const route = getRouteApi('/shell/connect');

interface CurrentStepProps extends StepProps {
  step: StepName;
  onRestart: () => void;
}

function CurrentStep({ step, onRestart, ...props }: CurrentStepProps) {
  switch (step) {
    case 'machine':
      return <MachineStep {...props} />;
    case 'way':
      return <WayStep {...props} />;
    case 'connection':
      return <ConnectionStep {...props} />;
    case 'pick':
      return <PickStep {...props} />;
    case 'map':
      return <MapStep {...props} />;
    case 'file':
      return <FileStep {...props} />;
    case 'values':
      return (
        props.draft.machine && <ValuesStep {...props} machine={props.draft.machine} onRestart={onRestart} />
      );
  }
}

function Flow({ owner }: { owner: string }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { draft, change, restart } = useConnectDraft(owner);
  const go = (step: StepName): void => void navigate({ search: { step } });
  useMachineOfLink(search.machine, (machine) => {
    change((old) => withMachine(old, machine));
    void navigate({ search: { step: 'way' }, replace: true });
  });
  const step = reachableStep(draft, search.step);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current !== step) {
      shown.current = step;
      document.getElementById(stepTitleId)?.focus();
    }
  }, [step]);
  const steps = stepsOf(draft);
  const place = steps.indexOf(step);
  const handleRestart = (): void => {
    restart();
    go('machine');
  };
  return (
    <>
      <PageHeader title="Connect a machine">
        {draft.machine && step !== 'values' && (
          <Button variant="default" className="pw-target" onClick={handleRestart}>
            Start over
          </Button>
        )}
      </PageHeader>
      <StepList draft={draft} current={step} onChoose={go} />
      <CurrentStep
        step={step}
        draft={draft}
        change={change}
        onNext={() => go(steps[place + 1] ?? step)}
        onBack={() => go(steps[place - 1] ?? step)}
        onRestart={handleRestart}
      />
    </>
  );
}

/** The guided way from a machine to its first values. */
export function ConnectPage() {
  const viewer = useViewer();
  if (viewer && canManageMachines(viewer)) {
    return <Flow owner={viewer.userId} />;
  }
  return (
    <>
      <PageHeader title="Connect a machine" />
      {viewer ? (
        <Note>Only an operator or an administrator can connect a machine.</Note>
      ) : (
        <SkeletonRows label="Loading the page" count={6} />
      )}
    </>
  );
}
