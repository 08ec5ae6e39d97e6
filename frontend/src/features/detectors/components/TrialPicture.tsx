import { formatUnit, formatValue } from '~/lib/format';
import { alertSpans, spansOf, summarise } from '../model/comparing';
import { bandPath, linePath, rangeOf, type Scale, scale } from '../model/picture';
import { detectorWords, type Episode, stripsOf, type Trial } from '../model/trial';
import { left, Picture, top } from './PictureParts';
import classes from './TrialPicture.module.css';

const valuesHeight = 190;
const stripHeight = 46;

function Values({ trial, x }: { trial: Trial; x: Scale }) {
  const { times, values: means, minimums, maximums, means: baseline, lowers, uppers } = trial.points;
  const [low, high] = rangeOf(minimums, maximums, lowers, uppers);
  const y = scale(low, high, top + valuesHeight, top);
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
      <text className={classes.label} x={left - 8} y={top + valuesHeight / 2}>
        {formatUnit(trial.unit)}
      </text>
    </g>
  );
}

/** Values with the baseline's limits, the detectors' scores with their thresholds, and what was or would be found. */
export function TrialPicture({ trial }: { trial: Trial }) {
  const to = Date.parse(trial.to);
  const labelOf = ({ detector }: Episode): string => detectorWords[detector];
  return (
    <Picture
      label={summarise(trial)}
      from={Date.parse(trial.from)}
      to={to}
      times={trial.points.times}
      values={(x) => <Values trial={trial} x={x} />}
      valuesHeight={valuesHeight}
      strips={stripsOf(trial).map((shown) => ({ shown, height: stripHeight }))}
      lanes={[
        { name: 'Proposed', spans: spansOf(trial.proposed.episodes, labelOf, to) },
        { name: 'Present', spans: spansOf(trial.present.episodes, labelOf, to) },
        { name: 'Alerts', spans: alertSpans(trial.alerts, to) },
      ]}
    />
  );
}
