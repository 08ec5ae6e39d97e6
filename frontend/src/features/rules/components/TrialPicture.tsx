import {
  bandPath,
  gridTimes,
  linePath,
  rangeOf,
  type Scale,
  scale,
} from '~/features/detectors/model/picture';
import { formatDateTime, formatUnit, formatValue } from '~/lib/format';
import type { RuleTrial } from '../model/operations';
import { firedSpans, happenedSpans, type Span } from '../model/picture';
import { trialWords } from '../model/words';
import { useRuleFacts } from './fields';
import classes from './Rules.module.css';

const width = 1000;
const left = 150;
const right = 8;
const trend = { height: 110, gap: 14 };
const lane = { height: 20, gap: 8 };

function timeLabel(time: number, isLong: boolean): string {
  const date = new Date(time);
  return isLong
    ? date.toLocaleDateString('en-GB', { day: '2-digit', month: 'short' })
    : date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

interface TrendProps {
  drawn: RuleTrial['series'][number]['series'];
  /** Null where there is only one. */
  machine: string | null;
  x: Scale;
  top: number;
}

function Trend({ drawn, machine, x, top }: TrendProps) {
  const { times, values, minimums, maximums } = drawn;
  const [low, high] = rangeOf(minimums ?? values, maximums ?? values);
  const y = scale(low, high, top + trend.height, top);
  return (
    <g>
      {minimums && maximums && (
        <path className={classes.band} d={bandPath(times, minimums, maximums, x, y)} />
      )}
      <path className={classes.trace} d={linePath(times, values, x, y)} />
      <text className={classes.label} x={left - 8} y={top + 12}>
        {formatValue(high)}
      </text>
      <text className={classes.label} x={left - 8} y={top + trend.height / 2}>
        {drawn.metric}
      </text>
      <text className={classes.label} x={left - 8} y={top + trend.height / 2 + 16}>
        {formatUnit(drawn.unit)}
      </text>
      {machine && (
        <text className={classes.label} x={left - 8} y={top + trend.height / 2 - 16}>
          {machine}
        </text>
      )}
      <text className={classes.label} x={left - 8} y={top + trend.height}>
        {formatValue(low)}
      </text>
    </g>
  );
}

function Lane({ name, spans, x, top }: { name: string; spans: readonly Span[]; x: Scale; top: number }) {
  return (
    <g>
      <text className={classes.label} x={left - 8} y={top + 15}>
        {name}
      </text>
      <line
        className={classes.line}
        x1={left}
        x2={width - right}
        y1={top + lane.height}
        y2={top + lane.height}
      />
      {spans.map(({ key, severity, label, from, to }) => (
        <rect
          key={key}
          className={classes.span}
          data-severity={severity}
          x={Math.max(left, x(from))}
          width={Math.max(3, x(to) - Math.max(left, x(from)))}
          y={top + 2}
          height={lane.height - 2}
        >
          <title>{`${label}, ${severity.toLowerCase()}, ${formatDateTime(from)} to ${formatDateTime(to)}`}</title>
        </rect>
      ))}
    </g>
  );
}

/** How often it would have fired on each day, as bars of equal scale. */
function Days({ trial, x, top }: { trial: RuleTrial; x: Scale; top: number }) {
  const most = Math.max(1, ...trial.firedPerDay);
  const dayMs = 86_400_000;
  return (
    <g>
      <text className={classes.label} x={left - 8} y={top + 26}>
        Per day
      </text>
      {trial.days.map((day, index) => {
        const count = trial.firedPerDay[index] ?? 0;
        const [begin, end] = [Math.max(left, x(day)), Math.min(width - right, x(day + dayMs))];
        const height = (count / most) * 26;
        return (
          <g key={day}>
            <rect
              className={classes.day}
              x={begin + 1}
              width={Math.max(1, end - begin - 2)}
              y={top + 40 - height}
              height={height}
            />
            {count > 0 && trial.days.length <= 31 && (
              <text className={classes.time} x={(begin + end) / 2} y={top + 10}>
                {count}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

/** Trends of the metrics, when the rule would have held, the alerts that there were, and how often on each day. */
export function TrialPicture({ trial }: { trial: RuleTrial }) {
  const { machines } = useRuleFacts();
  const isOfOne = new Set(trial.series.map(({ machineId }) => machineId)).size < 2;
  const nameOf = (machineId: string): string | null =>
    isOfOne ? null : (machines.find(({ id }) => id === machineId)?.name ?? null);
  const [from, to] = [Date.parse(trial.from), Date.parse(trial.to)];
  const x = scale(from, to, left, width - right);
  const lanesTop = 8 + trial.series.length * (trend.height + trend.gap);
  const daysTop = lanesTop + 2 * (lane.height + lane.gap);
  const bottom = daysTop + 44;
  const isLong = to - from > 2 * 86_400_000;
  return (
    <div className={`${classes.picture} pw-panel`}>
      <svg viewBox={`0 0 ${width} ${bottom + 22}`} role="img" aria-label={trialWords(trial)}>
        {gridTimes(from, to).map((time) => (
          <g key={time}>
            <line className={classes.line} x1={x(time)} x2={x(time)} y1={8} y2={bottom} />
            <text className={classes.time} x={x(time)} y={bottom + 16}>
              {timeLabel(time, isLong)}
            </text>
          </g>
        ))}
        {trial.series.map(({ machineId, series }, index) => (
          <Trend
            key={`${machineId} ${series.metric}`}
            drawn={series}
            machine={nameOf(machineId)}
            x={x}
            top={8 + index * (trend.height + trend.gap)}
          />
        ))}
        <Lane name="Would have fired" spans={firedSpans(trial)} x={x} top={lanesTop} />
        <Lane
          name="Alerts there were"
          spans={happenedSpans(trial)}
          x={x}
          top={lanesTop + lane.height + lane.gap}
        />
        <Days trial={trial} x={x} top={daysTop} />
      </svg>
    </div>
  );
}
