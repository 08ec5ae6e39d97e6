import { type MachineStatus, machineStatusWords } from '~/lib/alarm';
import { SeveritySymbol } from './SeveritySymbol';
import classes from './StatusMark.module.css';

interface StatusMarkProps {
  status: MachineStatus;
  /** Without alarm colour: no machine is in this status. */
  isQuiet?: boolean;
}

function StatusSymbol({ status, isQuiet }: StatusMarkProps) {
  switch (status) {
    case 'CRITICAL':
    case 'WARNING':
      return <SeveritySymbol severity={status} isDecorative isQuiet={isQuiet} />;
    case 'OFFLINE':
      return (
        <svg aria-hidden="true" className={classes.grey} width="22" height="22" viewBox="0 0 24 24">
          <circle cx="12" cy="12" r="10" strokeDasharray="4 3" />
          <path d="M5 19 19 5" />
        </svg>
      );
    case 'HEALTHY':
      return (
        <svg aria-hidden="true" className={classes.grey} width="22" height="22" viewBox="0 0 24 24">
          <circle cx="12" cy="12" r="10" />
        </svg>
      );
  }
}

/** A machine's status as symbol and word; only alarm states carry colour. */
export function StatusMark({ status, isQuiet }: StatusMarkProps) {
  return (
    <span className={classes.mark}>
      <StatusSymbol status={status} isQuiet={isQuiet} />
      <span>{machineStatusWords[status]}</span>
    </span>
  );
}
