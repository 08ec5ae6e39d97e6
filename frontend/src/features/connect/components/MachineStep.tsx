import { Button } from '@mantine/core';
import { useState } from 'react';
import { MachineCreateForm } from '~/features/machine-form/components/MachineCreateForm';
import { protocolWords } from '~/features/machine-form/model/machine';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { SearchField } from '~/ui/SearchField';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { type MachineOption, useMachineChoices } from '../hooks/useMachineChoice';
import { type ChosenMachine, withMachine } from '../model/draft';
import classes from './Connect.module.css';
import { StepFooter } from './StepFooter';
import { StepPanel } from './StepPanel';
import type { StepProps } from './step';

interface ChoicesProps {
  chosen: ChosenMachine | null;
  onChoose: (machine: MachineOption) => void;
}

function Choices({ chosen, onChoose }: ChoicesProps) {
  const [search, setSearch] = useState('');
  const { machines, total, error, refetch } = useMachineChoices(search);
  if (!machines) {
    return error ? (
      <ErrorState what="The machines could not be loaded." error={error} onRetry={refetch} />
    ) : (
      <SkeletonRows label="Loading the machines" count={3} />
    );
  }
  const isListed = !chosen || machines.some(({ id }) => id === chosen.id);
  const options = isListed ? machines : [{ ...chosen, location: null }, ...machines];
  return (
    <>
      {(total > 6 || search) && (
        <SearchField label="Search" placeholder="Name or identifier" value={search} onChange={setSearch} />
      )}
      {options.length === 0 && (
        <EmptyState title={search ? 'No machine matches' : 'There are no machines yet'}>
          {search ? 'Search for another name, or add the machine.' : 'Add the machine below.'}
        </EmptyState>
      )}
      <fieldset className={classes.choices}>
        <legend className="pw-hidden">Machine</legend>
        {options.map((machine) => (
          <label key={machine.id} className={classes.choice}>
            <input
              type="radio"
              name="machine"
              checked={chosen?.id === machine.id}
              onChange={() => onChoose(machine)}
            />
            <strong>{machine.name}</strong>
            <span className={classes.small}>
              {[machine.identifier, protocolWords[machine.protocol], machine.location]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </label>
        ))}
      </fieldset>
      {total > machines.length && (
        <p className="pw-dim">
          {machines.length} of {total} machines; search for the others.
        </p>
      )}
    </>
  );
}

/** Which machine the values are of: one that is there, or a new one. */
export function MachineStep({ draft, change, onNext }: StepProps) {
  const [isAdding, setIsAdding] = useState(false);
  const choose = (machine: ChosenMachine): void => change((old) => withMachine(old, machine));
  if (isAdding) {
    return (
      <StepPanel title="Add a machine">
        <MachineCreateForm
          onCancel={() => setIsAdding(false)}
          onCreated={(machine) => {
            setIsAdding(false);
            choose(machine);
            onNext();
          }}
        />
      </StepPanel>
    );
  }
  return (
    <StepPanel title="Which machine?">
      <Choices chosen={draft.machine} onChoose={choose} />
      <StepFooter
        next="Go on"
        canGoOn={draft.machine !== null}
        hint="Choose a machine, or add one."
        onNext={onNext}
      >
        <Button variant="default" className="pw-target" onClick={() => setIsAdding(true)}>
          Add a machine
        </Button>
      </StepFooter>
    </StepPanel>
  );
}
