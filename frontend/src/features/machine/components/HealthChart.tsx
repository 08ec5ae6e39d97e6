import { formatDateTime } from '~/lib/format';
import { criticalBelow, warningBelow } from '~/ui/HealthBar';
import { extentsOf, type Frame, fullScore, type HealthSpan, stepPath, yOf } from '../model/health';
import classes from './Health.module.css';

interface HealthChartProps {
  /** In ms. */
  from: number;
  to: number;
  span: HealthSpan;
  /** Whether points stand for several changes, so that their extremes are drawn. */
  isReduced: boolean;
}

const scale = [fullScore, warningBelow, criticalBelow, 0];

/** The score over time between 0 and 100, with the two limits. */
export function HealthChart({ from, to, span, isReduced }: HealthChartProps) {
  const frame: Frame = { from, to, width: 1000, height: 100 };
  const scores = [span.startScore, ...span.points.flatMap(({ lowest, highest }) => [lowest, highest])];
  const last = span.points.at(-1)?.score ?? span.startScore;
  const label =
    `Health score from ${formatDateTime(from)} to ${formatDateTime(to)}: ` +
    `lowest ${Math.min(...scores)}, highest ${Math.max(...scores)}, last ${last}`;
  return (
    <figure className={classes.chart}>
      <div className={classes.scale} aria-hidden>
        {scale.map((score) => (
          <span key={score} style={{ top: `${fullScore - score}%` }}>
            {score}
          </span>
        ))}
      </div>
      <svg
        className={classes.plot}
        role="img"
        aria-label={label}
        viewBox={`0 0 ${frame.width} ${frame.height}`}
        preserveAspectRatio="none"
      >
        <rect className={classes.normal} width={frame.width} height={yOf(warningBelow, frame)} />
        {[warningBelow, criticalBelow].map((score) => (
          <path key={score} className={classes.limit} d={`M0 ${yOf(score, frame)}H${frame.width}`} />
        ))}
        {isReduced &&
          extentsOf(span, frame).map(({ key, ...extent }) => (
            <rect key={key} className={classes.extent} {...extent} />
          ))}
        <path className={classes.line} d={stepPath(span, frame)} />
      </svg>
      <div className={classes.times} aria-hidden>
        <span>{formatDateTime(from)}</span>
        <span>{formatDateTime(to)}</span>
      </div>
    </figure>
  );
}
