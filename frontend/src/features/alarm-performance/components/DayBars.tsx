import { formatCount } from '~/lib/format';
import classes from './Performance.module.css';

interface Day {
  day: string;
  info: number;
  warning: number;
  critical: number;
}

const width = 960;
const height = 120;
const days = 30;

function total({ info, warning, critical }: Day): number {
  return info + warning + critical;
}

function dayNumber(day: string): number {
  return Math.floor(Date.parse(day) / 86_400_000);
}

/** Alerts per day over the past thirty; critical ones are the dark foot of a bar. */
export function DayBars({ days: counted }: { days: readonly Day[] }) {
  const most = Math.max(1, ...counted.map(total));
  const last = Math.max(...counted.map(({ day }) => dayNumber(day)));
  const step = width / days;
  const worst = counted.reduce((one, other) => (total(other) > total(one) ? other : one));
  return (
    <figure className={classes.days}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Alerts per day; the most, ${formatCount(total(worst))}, on ${worst.day}`}
      >
        <line className={classes.axis} x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} />
        {counted.map((day) => {
          const x = (days - 1 - (last - dayNumber(day.day))) * step;
          const whole = (total(day) / most) * (height - 4);
          const foot = (day.critical / most) * (height - 4);
          return (
            <g key={day.day}>
              <title>{`${day.day}: ${total(day)} alerts, ${day.critical} critical`}</title>
              <rect className={classes.day} x={x + 3} width={step - 6} y={height - whole} height={whole} />
              <rect className={classes.foot} x={x + 3} width={step - 6} y={height - foot} height={foot} />
            </g>
          );
        })}
      </svg>
      <figcaption className="pw-dim">
        Alerts per day, the past 30 days. The most were {formatCount(total(worst))} on {worst.day}. The
        stronger part of a bar is critical.
      </figcaption>
    </figure>
  );
}
