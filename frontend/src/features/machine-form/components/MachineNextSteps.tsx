import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { canAdminister, useViewer } from '~/lib/viewer';
import type { CreatedMachine } from '../hooks/useCreateMachine';
import { agentSource, importCommand } from '../model/machine';
import classes from './MachineNextSteps.module.css';

interface MachineNextStepsProps {
  machine: CreatedMachine;
  onClose: () => void;
}

/** What to do so that readings of a new machine arrive. */
export function MachineNextSteps({ machine, onClose }: MachineNextStepsProps) {
  const isAdmin = canAdminister(useViewer());
  return (
    <div className="pw-stack" role="status">
      <p>
        It is offline until its first reading arrives. Readings are matched by the identifier{' '}
        <strong className="pw-code">{machine.identifier}</strong>.
      </p>
      <div>
        <h3>Step by step</h3>
        <p className="pw-dim">
          Choose how it is reached, pick its values, and see them arrive:{' '}
          <Link to="/connect" search={{ machine: machine.id }}>
            connect {machine.name}
          </Link>
        </p>
      </div>
      <div>
        <h3>From an agent</h3>
        <p className="pw-dim">Name the machine in the agent’s configuration and restart the agent:</p>
        <pre className={classes.code}>{agentSource(machine.identifier, machine.protocol)}</pre>
      </div>
      <div>
        <h3>From a file</h3>
        <p className="pw-dim">Send a CSV file once:</p>
        <pre className={classes.code}>{importCommand(machine.identifier)}</pre>
      </div>
      <p className="pw-dim">
        Both need an API key.{' '}
        {isAdmin ? (
          <Link to="/settings">Create one under Settings</Link>
        ) : (
          'An administrator creates it under Settings.'
        )}
      </p>
      <div className="pw-row">
        <Link className="pw-action pw-target" to="/machines/$machineId" params={{ machineId: machine.id }}>
          Open the machine
        </Link>
        <Button variant="default" className="pw-target" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  );
}
