import { formatDateTime, formatSpan } from '~/lib/format';
import { useNow } from '~/lib/now';
import classes from './Age.module.css';

interface AgeProps {
  /** Time of the last reading; null when there has been none. */
  time: string | null;
  isStale: boolean;
}

/** Age of the last reading. A stale one is greyed and carries a struck clock. */
export function Age({ time, isStale }: AgeProps) {
  const now = useNow();
  if (time === null) {
    return <span className={classes.stale}>No reading yet</span>;
  }
  const text = `${formatSpan(now - Date.parse(time))} ago`;
  return (
    <time dateTime={time} title={formatDateTime(time)} className={isStale ? classes.stale : classes.fresh}>
      {isStale && (
        <svg role="img" aria-label="Stale" width="16" height="16" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="6" />
          <path d="M8 4v4h3M2 14 14 2" />
        </svg>
      )}
      {text}
    </time>
  );
}
