import { formatUnit, formatValue, toWords } from '~/lib/format';

/** What an alert or a finding carries to be explained; inputs may be numbers or decimal text. */
export interface Explained {
  cause: string;
  inputs: Readonly<Record<string, unknown>>;
  formula: string;
  value: number | null;
  unit: string;
  score: number;
  threshold: number;
}

/** What the picture shows: a quantity beside its normal value and the limits that the threshold draws. */
export interface Picture {
  quantity: string;
  unit: string;
  /** The normal value, and what is called so. */
  center: number;
  centerName: string;
  /** Distance of the limits from the normal value; null when only the score is known. */
  reach: number | null;
  at: number;
}

/** The formula step by step, with the numbers filled in. */
export interface Step {
  name: string;
  text: string;
}

export interface Explanation {
  picture: Picture;
  steps: readonly Step[];
}

type Numbers = (name: string) => number;

function numbersOf(inputs: Explained['inputs']): Numbers {
  return (name) => {
    const input = inputs[name];
    return typeof input === 'number' ? input : typeof input === 'string' ? Number(input) : Number.NaN;
  };
}

function isKnown(...values: readonly number[]): boolean {
  return values.every((value) => Number.isFinite(value));
}

/** Findings of older releases have no caution: it was 1. */
function cautionOf(number: Numbers): number {
  const caution = number('caution');
  return Number.isFinite(caution) ? caution : 1;
}

function divisor(name: string, caution: number): string {
  return caution === 1 ? name : `(${name} × ${formatValue(caution)})`;
}

function verdict({ score, threshold }: Explained): Step {
  const sign = score >= threshold ? '≥' : '<';
  return { name: 'Verdict', text: `${formatValue(score)} ${sign} ${formatValue(threshold)}, the threshold` };
}

function explainBaseline(explained: Explained, number: Numbers): Explanation | null {
  const { value, score, threshold, unit } = explained;
  const [mean, std, quantum, spread] = ['mean', 'std', 'quantum', 'spread'].map(number) as [
    number,
    number,
    number,
    number,
  ];
  if (value === null || !isKnown(mean, spread)) {
    return null;
  }
  const caution = cautionOf(number);
  const [of, by] = [formatValue(mean), formatValue(spread)];
  const floor = quantum / Math.sqrt(12);
  const spreadText =
    std === 0 && quantum === 0
      ? `1 % of |${of}| = ${by}, since the series has never moved`
      : `max(${formatValue(std)}, ${formatValue(quantum)} / √12 = ${formatValue(floor)}) = ${by}`;
  return {
    picture: {
      quantity: 'Value',
      unit,
      center: mean,
      centerName: 'Mean of 7 days',
      reach: threshold * spread * caution,
      at: value,
    },
    steps: [
      { name: 'Baseline', text: `mean ${of} ${formatUnit(unit)} of ${number('n')} readings` },
      { name: 'Spread', text: spreadText },
      {
        name: 'Score',
        text: `|${formatValue(value)} − ${of}| / ${divisor(by, caution)} = ${formatValue(score)}`,
      },
      verdict(explained),
    ],
  };
}

function explainEwma(explained: Explained, number: Numbers): Explanation | null {
  const { score, threshold, unit } = explained;
  const [mean, average, sigma] = [number('mean'), number('ewma'), number('sigma')];
  if (!isKnown(mean, average, sigma)) {
    return null;
  }
  const caution = cautionOf(number);
  const weight = number('lambda');
  const [of, now, by] = [formatValue(mean), formatValue(average), formatValue(sigma)];
  return {
    picture: {
      quantity: 'Moving average',
      unit,
      center: mean,
      centerName: 'Mean of 7 days',
      reach: threshold * sigma * caution,
      at: average,
    },
    steps: [
      { name: 'Baseline', text: `mean ${of} ${formatUnit(unit)} of ${number('n')} readings` },
      {
        name: 'Moving average',
        text: `${formatValue(weight)} × newest + ${formatValue(1 - weight)} × average before = ${now}`,
      },
      { name: 'Its spread', text: `sigma = ${by}` },
      { name: 'Score', text: `|${now} − ${of}| / ${divisor(by, caution)} = ${formatValue(score)}` },
      verdict(explained),
    ],
  };
}

function explainRate(explained: Explained, number: Numbers): Explanation | null {
  const { score, threshold, unit } = explained;
  const [change, scale, step] = [number('change'), number('scale'), number('step')];
  if (!isKnown(change, scale)) {
    return null;
  }
  const caution = cautionOf(number);
  const share = Math.min(1, number('usual_interval_ms') / number('interval_ms'));
  const parts = [
    formatValue(number('rms')),
    `${formatValue(number('hourly_peak'))} / 3`,
    `${formatValue(number('quantum'))} / 2`,
  ];
  return {
    picture: {
      quantity: 'Change',
      unit,
      center: 0,
      centerName: 'No change',
      reach: threshold * scale * caution,
      at: change,
    },
    steps: [
      {
        name: 'Change',
        text: `${formatValue(step)} × ${formatValue(share)} = ${formatValue(change)} ${formatUnit(unit)}`,
      },
      { name: 'Usual change', text: `max(${parts.join(', ')}) = ${formatValue(scale)}` },
      {
        name: 'Score',
        text: `|${formatValue(change)}| / ${divisor(formatValue(scale), caution)} = ${formatValue(score)}`,
      },
      verdict(explained),
    ],
  };
}

function explainScore(explained: Explained): Explanation {
  const { score, threshold } = explained;
  return {
    picture: {
      quantity: 'Score',
      unit: '',
      center: 0,
      centerName: 'Normal',
      reach: threshold > 0 ? threshold : null,
      at: score,
    },
    steps: [verdict(explained)],
  };
}

const mostContributors = 3;

/** The metrics that contribute most to what is off, as shares of it. */
function contributorsOf({ inputs }: Explained): string {
  const shares = Array.isArray(inputs.contributions) ? inputs.contributions.map(Number) : [];
  const names = Array.isArray(inputs.metrics) ? inputs.metrics.map(String) : [];
  const total = shares.reduce((sum, share) => sum + Math.max(0, share), 0);
  return names
    .map((name, place) => ({ name, share: (shares[place] ?? 0) / total }))
    .filter(({ share }) => share > 0)
    .toSorted((one, other) => other.share - one.share)
    .slice(0, mostContributors)
    .map(({ name, share }) => `${toWords(name)} ${Math.round(share * 100)} %`)
    .join(', ');
}

function explainMachine(explained: Explained, number: Numbers): Explanation | null {
  const [t2, t2Limit, q, qLimit] = [number('t2'), number('t2_limit'), number('q'), number('q_limit')];
  if (!isKnown(t2, t2Limit, q, qLimit)) {
    return null;
  }
  const ratio = (value: number, limit: number): string => `${formatValue(value)} / ${formatValue(limit)}`;
  return {
    picture: explainScore(explained).picture,
    steps: [
      { name: 'Usual level', text: `T² of limit: ${ratio(t2, t2Limit)}` },
      { name: 'Usual relation', text: `Q of limit: ${ratio(q, qLimit)}` },
      {
        name: 'Score',
        text: `√max(${ratio(t2, t2Limit)}, ${ratio(q, qLimit)}) = ${formatValue(explained.score)}`,
      },
      verdict(explained),
      { name: 'Most of it', text: contributorsOf(explained) || 'spread over all metrics' },
    ],
  };
}

const explainers: Readonly<Record<string, (explained: Explained, number: Numbers) => Explanation | null>> = {
  STATIC_BASELINE: explainBaseline,
  EWMA: explainEwma,
  RATE_OF_CHANGE: explainRate,
  MULTIVARIATE: explainMachine,
};

/** Why something was found; what has no picture of its own is drawn by its score. */
export function explain(explained: Explained): Explanation {
  const explainer = explainers[explained.cause.toUpperCase()];
  return explainer?.(explained, numbersOf(explained.inputs)) ?? explainScore(explained);
}

export interface Drawing {
  /** Shares of the width, 0 to 1, from the left. */
  center: number;
  lower: number | null;
  upper: number | null;
  at: number;
  /** The quantity lies so far out that the picture cannot hold it to scale. */
  isOffScale: boolean;
}

const mostReaches = 4;
const margin = 0.08;

/** Where things lie on a line that shows the normal value in the middle unless the quantity is far off. */
export function draw({ center, reach, at }: Picture): Drawing {
  const distance = at - center;
  const unit = reach && reach > 0 ? reach : Math.abs(distance) || 1;
  const offset = distance / unit;
  const isOffScale = Math.abs(offset) > mostReaches;
  const shown = Math.max(-mostReaches, Math.min(mostReaches, offset));
  const low = Math.min(-1.4, shown);
  const high = Math.max(1.4, shown);
  const place = (reaches: number): number => margin + ((reaches - low) / (high - low)) * (1 - 2 * margin);
  return {
    center: place(0),
    lower: reach ? place(-1) : null,
    upper: reach ? place(1) : null,
    at: place(shown),
    isOffScale,
  };
}
