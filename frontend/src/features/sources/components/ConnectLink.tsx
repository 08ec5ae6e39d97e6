import { Link } from '@tanstack/react-router';

/** The way into the guided flow; `machineId` is chosen there already. */
export function ConnectLink({ machineId }: { machineId?: string }) {
  return (
    <Link className="pw-action pw-target" to="/connect" search={{ machine: machineId }}>
      Connect a machine
    </Link>
  );
}
