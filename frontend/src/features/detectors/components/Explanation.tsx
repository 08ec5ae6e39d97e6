import type { Severity } from '~/lib/alarm';
import { formatUnit, formatValue } from '~/lib/format';
import { draw, type Explained, explain, type Picture } from '../model/explanation';
import classes from './Explanation.module.css';

const width = 640;
const height = 104;
const line = 58;

function withUnit(value: number, unit: string): string {
  return `${formatValue(value)} ${formatUnit(unit)}`.trim();
}

function describe({ quantity, unit, center, centerName, reach, at }: Picture): string {
  const limits =
    reach === null ? '' : `, limits ${formatValue(center - reach)} and ${formatValue(center + reach)}`;
  return `${quantity} ${withUnit(at, unit)}; ${centerName.toLowerCase()} ${formatValue(center)}${limits}`;
}

/** Keeps a text inside the picture, wherever its mark stands. */
function anchorOf(place: number): 'start' | 'middle' | 'end' {
  if (place < 0.15) {
    return 'start';
  }
  return place > 0.85 ? 'end' : 'middle';
}

function Drawn({ picture, severity }: { picture: Picture; severity: Severity }) {
  const { quantity, unit, center, centerName, reach } = picture;
  const { center: middle, lower, upper, at, isOffScale } = draw(picture);
  const isOut = reach !== null && Math.abs(picture.at - center) >= reach;
  const arrow = isOffScale ? (picture.at > center ? ' →' : ' ←') : '';
  return (
    <svg
      className={classes.picture}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={describe(picture)}
    >
      <line className={classes.axis} x1={0} x2={width} y1={line} y2={line} />
      {lower !== null && upper !== null && (
        <rect
          className={classes.normal}
          x={lower * width}
          width={(upper - lower) * width}
          y={line - 12}
          height={24}
        />
      )}
      {[lower, upper].map(
        (limit, side) =>
          limit !== null &&
          reach !== null && (
            <g key={side === 0 ? 'lower' : 'upper'}>
              <line
                className={classes.limit}
                x1={limit * width}
                x2={limit * width}
                y1={line - 16}
                y2={line + 16}
              />
              <text className={classes.label} x={limit * width} y={line + 34} textAnchor={anchorOf(limit)}>
                {formatValue(side === 0 ? center - reach : center + reach)}
              </text>
            </g>
          ),
      )}
      <line
        className={classes.center}
        x1={middle * width}
        x2={middle * width}
        y1={line - 12}
        y2={line + 12}
      />
      <text className={classes.label} x={middle * width} y={line + 34} textAnchor={anchorOf(middle)}>
        {reach === null ? centerName : formatValue(center)}
      </text>
      <path
        className={isOut ? classes.out : classes.inside}
        data-severity={severity}
        d={`M ${at * width} ${line} l -7 -16 l 14 0 z`}
      />
      <text className={classes.value} x={at * width} y={line - 24} textAnchor={anchorOf(at)}>
        {`${quantity} ${withUnit(picture.at, unit)}${arrow}`}
      </text>
    </svg>
  );
}

/** A finding as a picture, and its formula with the numbers filled in: enough to compute the score again by hand. */
export function Explanation({ severity, ...explained }: Explained & { severity: Severity }) {
  const { picture, steps } = explain(explained);
  return (
    <figure className={classes.explanation}>
      <Drawn picture={picture} severity={severity} />
      <figcaption className={classes.legend}>
        <span className={classes.swatch} /> within the threshold of {formatValue(explained.threshold)}
        {picture.reach !== null && picture.center !== 0 && `, around: ${picture.centerName.toLowerCase()}`}
      </figcaption>
      <ol className={classes.steps}>
        {steps.map(({ name, text }) => (
          <li key={name}>
            <span className={classes.name}>{name}</span>
            <span className="pw-code">{text}</span>
          </li>
        ))}
      </ol>
      <p className="pw-code pw-dim">{explained.formula}</p>
    </figure>
  );
}
