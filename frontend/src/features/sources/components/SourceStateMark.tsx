import type { SourceState } from '../model/sourceFragment';
import { stateWords } from '../model/state';
import classes from './SourceStateMark.module.css';

function Shape({ state }: { state: SourceState }) {
  switch (state) {
    case 'OK':
      return <circle cx="12" cy="12" r="10" />;
    case 'STARTING':
    case 'WAITING':
      return (
        <>
          <circle cx="12" cy="12" r="10" strokeDasharray="4 3" />
          <path d="M12 6v6l4 3" />
        </>
      );
    case 'PAUSED':
      return <path d="M8 5v14M16 5v14" strokeWidth="4" />;
    case 'RECOVERABLE':
      return <path d="M12 2 22.5 21.5H1.5ZM12 9v6M12 17.5v1.5" />;
    case 'PERMANENT':
      return (
        <>
          <rect className={classes.solid} x="2" y="2" width="20" height="20" />
          <path className={classes.sign} d="M12 6v8M12 16.5v2" />
        </>
      );
    case 'UNMAPPED':
    case 'SWITCHED_OFF':
      return (
        <>
          <circle cx="12" cy="12" r="10" strokeDasharray="4 3" />
          <path d="M5 19 19 5" />
        </>
      );
  }
}

/** What a source does, as shape and words. Grey: it is no alarm. */
export function SourceStateMark({ state }: { state: SourceState }) {
  const isAbnormal = state === 'RECOVERABLE' || state === 'PERMANENT';
  return (
    <span className={classes.mark} data-abnormal={isAbnormal || undefined}>
      <svg aria-hidden="true" width="20" height="20" viewBox="0 0 24 24">
        <Shape state={state} />
      </svg>
      <span>{stateWords[state]}</span>
    </span>
  );
}
