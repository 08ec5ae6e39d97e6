import { Link } from '@tanstack/react-router';
import classes from './Sources.module.css';

/** The way into the guided flow; `machineId` is chosen there already. */
export function ConnectLink({ machineId }: { machineId?: string }) {
  return (
    <Link className={`${classes.link} pw-target`} to="/connect" search={{ machine: machineId }}>
      Connect a machine
    </Link>
  );
}
