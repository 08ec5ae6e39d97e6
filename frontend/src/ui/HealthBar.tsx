import classes from './HealthBar.module.css';

/** Limits of docs/health.md: below the first a machine is in warning, below the second it is critical. */
export const warningBelow = 75;
export const criticalBelow = 40;

function describeZone(score: number): string {
  if (score >= warningBelow) {
    return 'in the normal zone';
  }
  return score >= criticalBelow
    ? `below the warning limit of ${warningBelow}`
    : `below the critical limit of ${criticalBelow}`;
}

interface HealthBarProps {
  score: number;
  /** Greys the number when the machine sends nothing. */
  isStale?: boolean;
}

/** The health score, read by the position of a pointer against the normal zone and the two limits. */
export function HealthBar({ score, isStale }: HealthBarProps) {
  const position = Math.min(100, Math.max(0, score));
  return (
    <span className={classes.bar} data-stale={isStale || undefined}>
      {/* biome-ignore lint/a11y/useSemanticElements: a <meter> cannot mark the normal zone and brings its own colours */}
      <span
        className={classes.track}
        role="meter"
        aria-label="Health score"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={score}
        aria-valuetext={`${score} of 100, ${describeZone(score)}`}
        title={`Warning below ${warningBelow}, critical below ${criticalBelow}`}
      >
        <span className={classes.normal} style={{ left: `${warningBelow}%` }} />
        <span className={classes.limit} style={{ left: `${criticalBelow}%` }} />
        <span className={classes.limit} style={{ left: `${warningBelow}%` }} />
        <span className={classes.pointer} style={{ left: `${position}%` }} />
      </span>
      <span className={classes.number}>{score}</span>
    </span>
  );
}
