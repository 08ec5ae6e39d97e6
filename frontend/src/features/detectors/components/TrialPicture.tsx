import { formatDateTime, formatUnit, formatValue } from '~/lib/format';
import { bandPath, clipped, gridTimes, linePath, rangeOf, type Scale, scale } from '../model/picture';
import {
  alertSpans,
  detectorWords,
  episodeSpans,
  type ScoreStrip,
  type Span,
  stripsOf,
  summarise,
  type Trial,
} from '../model/trial';
import classes from './TrialPicture.module.css';

const width = 1000;
const left = 112;
const right = 8;
const values = { top: 8, height: 190 };
const strip = { height: 46, gap: 12 };
const lane = { height: 20, gap: 6 };

function timeLabel(time: number, isLong: boolean): string {
  const date = new Date(time);
  return isLong
    ? date.toLocaleDateString('en-GB', { day: '2-digit', month: 'short' })
    : date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

function Values({ trial, x }: { trial: Trial; x: Scale }) {
  const { times, values: means, minimums, maximums, means: baseline, lowers, uppers } = trial.points;
  const [low, high] = rangeOf(minimums, maximums, lowers, uppers);
  const y = scale(low, high, values.top + values.height, values.top);
  return (
    <g>
      <path className={classes.normal} d={bandPath(times, lowers, uppers, x, y)} />
      <path className={classes.baseline} d={linePath(times, baseline, x, y)} />
      <path className={classes.extremes} d={bandPath(times, minimums, maximums, x, y)} />
      <path className={classes.trace} d={linePath(times, means, x, y)} />
      {[high, low].map((value, place) => (
        <text
          key={place === 0 ? 'high' : 'low'}
          className={classes.label}
          x={left - 8}
          y={y(value) + (place ? 0 : 10)}
        >
          {formatValue(value)}
        </text>
      ))}
      <text className={classes.label} x={left - 8} y={values.top + values.height / 2}>
        {formatUnit(trial.unit)}
      </text>
    </g>
  );
}

function Strip({ shown, times, x, top }: { shown: ScoreStrip; times: number[]; x: Scale; top: number }) {
  const { detector, threshold, presentThreshold } = shown;
  const scores = clipped(shown.scores, Math.max(threshold, presentThreshold));
  const high = Math.max(...scores.map((score) => score ?? 0), threshold * 1.3, presentThreshold * 1.1);
  const y = scale(0, high, top + strip.height, top);
  return (
    <g>
      <line className={classes.axis} x1={left} x2={width - right} y1={y(0)} y2={y(0)} />
      {presentThreshold !== threshold && (
        <line
          className={classes.present}
          x1={left}
          x2={width - right}
          y1={y(presentThreshold)}
          y2={y(presentThreshold)}
        />
      )}
      <line className={classes.threshold} x1={left} x2={width - right} y1={y(threshold)} y2={y(threshold)} />
      <path className={classes.score} d={linePath(times, scores, x, y)} />
      <text className={classes.label} x={left - 8} y={top + strip.height / 2 - 2}>
        {detectorWords[detector].replace(' (EWMA)', '')}
      </text>
      <text className={classes.label} x={left - 8} y={top + strip.height / 2 + 14}>
        limit {threshold}
      </text>
    </g>
  );
}

function Lane({ name, spans, x, top }: { name: string; spans: Span[]; x: Scale; top: number }) {
  return (
    <g>
      <text className={classes.label} x={left - 8} y={top + 14}>
        {name}
      </text>
      <line
        className={classes.axis}
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
          y={top + (severity === 'CRITICAL' ? 2 : 8)}
          height={lane.height - (severity === 'CRITICAL' ? 2 : 8)}
        >
          <title>{`${label}, ${severity.toLowerCase()}, ${formatDateTime(from)} to ${formatDateTime(to)}`}</title>
        </rect>
      ))}
    </g>
  );
}

/** Where the readings begin, if that is later than the period. */
function beginningOf({ from, to, points }: Trial): number {
  const start = Date.parse(from);
  const room = (Date.parse(to) - (points.times[0] ?? start)) * 0.02;
  return Math.max(start, (points.times[0] ?? start) - room);
}

/** Values with the baseline's limits, the detectors' scores with their thresholds, and what was or would be found. */
export function TrialPicture({ trial }: { trial: Trial }) {
  const to = Date.parse(trial.to);
  const from = beginningOf(trial);
  const x = scale(from, to, left, width - right);
  const strips = stripsOf(trial);
  const stripsTop = values.top + values.height + 16;
  const lanesTop = stripsTop + strips.length * (strip.height + strip.gap) + 4;
  const lanes = [
    { name: 'Proposed', spans: episodeSpans(trial.proposed.episodes, to) },
    { name: 'Present', spans: episodeSpans(trial.present.episodes, to) },
    { name: 'Alerts', spans: alertSpans(trial.alerts, to) },
  ];
  const bottom = lanesTop + lanes.length * (lane.height + lane.gap);
  const isLong = to - from > 2 * 86_400_000;
  return (
    <svg
      className={classes.picture}
      viewBox={`0 0 ${width} ${bottom + 22}`}
      role="img"
      aria-label={summarise(trial)}
    >
      {gridTimes(from, to).map((time) => (
        <g key={time}>
          <line className={classes.grid} x1={x(time)} x2={x(time)} y1={values.top} y2={bottom} />
          <text className={classes.time} x={x(time)} y={bottom + 16}>
            {timeLabel(time, isLong)}
          </text>
        </g>
      ))}
      <Values trial={trial} x={x} />
      {strips.map((shown, place) => (
        <Strip
          key={shown.detector}
          shown={shown}
          times={trial.points.times}
          x={x}
          top={stripsTop + place * (strip.height + strip.gap)}
        />
      ))}
      {lanes.map(({ name, spans }, place) => (
        <Lane key={name} name={name} spans={spans} x={x} top={lanesTop + place * (lane.height + lane.gap)} />
      ))}
    </svg>
  );
}
