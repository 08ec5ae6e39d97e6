import classes from './HealthBar.module.css';

/** Scores from here to 100 are the normal zone. */
export const normalFrom = 80;

interface HealthBarProps {
  score: number;
  /** Greys the number when the machine sends nothing. */
  isStale?: boolean;
}

/** The health score, read by the position of a pointer against the marked normal zone. */
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
        aria-valuetext={`${score} of 100, ${score >= normalFrom ? 'in' : 'below'} the normal zone`}
      >
        <span className={classes.normal} style={{ left: `${normalFrom}%` }} />
        <span className={classes.pointer} style={{ left: `${position}%` }} />
      </span>
      <span className={classes.number}>{score}</span>
    </span>
  );
}
