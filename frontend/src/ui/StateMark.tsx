import classes from './StateMark.module.css';

export type StateShape =
  | 'circle'
  | 'filling'
  | 'triangle'
  | 'square'
  | 'struck'
  | 'crossed'
  | 'dashed'
  | 'clock'
  | 'bars';

function ShapePath({ shape }: { shape: StateShape }) {
  switch (shape) {
    case 'circle':
      return <circle cx="12" cy="12" r="10" />;
    case 'filling':
      return (
        <>
          <circle cx="12" cy="12" r="10" />
          <path className={classes.full} d="M2 12a10 10 0 0 0 20 0Z" />
        </>
      );
    case 'triangle':
      return <path d="M12 2 22.5 21.5H1.5ZM12 9v6M12 17.5v1.5" />;
    case 'struck':
      return (
        <>
          <circle cx="12" cy="12" r="10" strokeDasharray="4 3" />
          <path d="M5 19 19 5" />
        </>
      );
    case 'crossed':
      return (
        <>
          <rect x="2.5" y="2.5" width="19" height="19" rx="2" />
          <path d="M7 7 17 17M17 7 7 17" />
        </>
      );
    case 'dashed':
      return <circle cx="12" cy="12" r="10" strokeDasharray="4 3" />;
    case 'clock':
      return (
        <>
          <circle cx="12" cy="12" r="10" strokeDasharray="4 3" />
          <path d="M12 6v6l4 3" />
        </>
      );
    case 'bars':
      return <path d="M8 5v14M16 5v14" strokeWidth="4" />;
    case 'square':
      return (
        <>
          <rect className={classes.full} x="2" y="2" width="20" height="20" />
          <path className={classes.sign} d="M12 6v8M12 16.5v2" />
        </>
      );
  }
}

interface StateMarkProps {
  shape: StateShape;
  /** Left out where a sentence beside it says it. */
  word: string | null;
  isAbnormal: boolean;
}

/** What something does, as shape and word. Grey, for it is no alarm; what is out of order is darker. */
export function StateMark({ shape, word, isAbnormal }: StateMarkProps) {
  return (
    <span className={classes.mark} data-abnormal={isAbnormal || undefined}>
      <svg aria-hidden="true" width="20" height="20" viewBox="0 0 24 24">
        <ShapePath shape={shape} />
      </svg>
      {word && <span>{word}</span>}
    </span>
  );
}
