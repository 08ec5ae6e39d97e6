import type { ReactNode } from 'react';
import { formatDateTime } from '~/lib/format';
import type { Span } from '../model/comparing';
import { clipped, gridTimes, linePath, type Scale, scale } from '../model/picture';
import type { ScoreStrip } from '../model/trial';
import classes from './TrialPicture.module.css';

export const width = 1000;
export const left = 112;
export const right = 8;
export const top = 8;
const gap = 12;
const lane = { height: 20, gap: 6 };

function timeLabel(time: number, isLong: boolean): string {
  const date = new Date(time);
  return isLong
    ? date.toLocaleDateString('en-GB', { day: '2-digit', month: 'short' })
    : date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

interface StripProps {
  shown: ScoreStrip;
  times: number[];
  x: Scale;
  top: number;
  height: number;
}

function Strip({ shown, times, x, top, height }: StripProps) {
  const { label, threshold, presentThreshold } = shown;
  const scores = clipped(shown.scores, Math.max(threshold, presentThreshold));
  const high = Math.max(...scores.map((score) => score ?? 0), threshold * 1.3, presentThreshold * 1.1);
  const y = scale(0, high, top + height, top);
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
      <text className={classes.label} x={left - 8} y={top + height / 2 - 2}>
        {label}
      </text>
      <text className={classes.label} x={left - 8} y={top + height / 2 + 14}>
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

interface PictureProps {
  label: string;
  from: number;
  to: number;
  times: number[];
  /** What lies above the strips, `valuesHeight` high; empty without one. */
  values?: (x: Scale) => ReactNode;
  valuesHeight: number;
  strips: readonly { shown: ScoreStrip; height: number }[];
  lanes: readonly { name: string; spans: Span[] }[];
}

/** Where the readings begin, if that is later than the period. */
function beginningOf(from: number, to: number, first = from): number {
  return Math.max(from, first - (to - first) * 0.02);
}

/** Strips of scores over a common time, with lanes of what lasted under them. */
export function Picture({ label, to, times, values, valuesHeight, strips, lanes, ...period }: PictureProps) {
  const from = beginningOf(period.from, to, times[0]);
  const x = scale(from, to, left, width - right);
  const tops: number[] = [];
  let next = top + (valuesHeight ? valuesHeight + 16 : 0);
  for (const { height } of strips) {
    tops.push(next);
    next += height + gap;
  }
  const lanesTop = next + 4;
  const bottom = lanesTop + lanes.length * (lane.height + lane.gap);
  const isLong = to - from > 2 * 86_400_000;
  return (
    <svg className={classes.picture} viewBox={`0 0 ${width} ${bottom + 22}`} role="img" aria-label={label}>
      {gridTimes(from, to).map((time) => (
        <g key={time}>
          <line className={classes.grid} x1={x(time)} x2={x(time)} y1={top} y2={bottom} />
          <text className={classes.time} x={x(time)} y={bottom + 16}>
            {timeLabel(time, isLong)}
          </text>
        </g>
      ))}
      {values?.(x)}
      {strips.map(({ shown, height }, place) => (
        <Strip key={shown.label} shown={shown} times={times} x={x} top={tops[place] ?? 0} height={height} />
      ))}
      {lanes.map(({ name, spans }, place) => (
        <Lane key={name} name={name} spans={spans} x={x} top={lanesTop + place * (lane.height + lane.gap)} />
      ))}
    </svg>
  );
}
