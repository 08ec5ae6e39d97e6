import { formatSigned } from '~/lib/format';

/** Windows of the history of a score. */
export const healthWindows = {
  '24h': { label: '24 h', ms: 86_400_000 },
  '7d': { label: '7 d', ms: 604_800_000 },
  '30d': { label: '30 d', ms: 2_592_000_000 },
  '1y': { label: '1 year', ms: 31_536_000_000 },
} as const;

export type HealthWindow = keyof typeof healthWindows;
export const healthWindowNames = Object.keys(healthWindows) as HealthWindow[];

export interface HealthStep {
  at: string;
  score: number;
  lowest: number;
  highest: number;
}

export interface HealthSpan {
  from: string;
  to: string;
  startScore: number;
  points: readonly HealthStep[];
}

export interface Frame {
  /** First and last moment of the drawing, in ms. */
  from: number;
  to: number;
  width: number;
  height: number;
}

export const fullScore = 100;

export function xOf(at: number, { from, to, width }: Frame): number {
  return ((at - from) / (to - from)) * width;
}

export function yOf(score: number, { height }: Frame): number {
  return ((fullScore - score) / fullScore) * height;
}

/** The score as an SVG path: level until each point, then a step. Begins where the machine came. */
export function stepPath(span: HealthSpan, frame: Frame): string {
  const start = Math.max(frame.from, Date.parse(span.from));
  const steps = span.points.map(
    ({ at, score }) => `H${round(xOf(Date.parse(at), frame))}V${round(yOf(score, frame))}`,
  );
  const begin = `M${round(xOf(start, frame))} ${round(yOf(span.startScore, frame))}`;
  return [begin, ...steps, `H${round(frame.width)}`].join('');
}

export interface Extent {
  key: string;
  x: number;
  width: number;
  y: number;
  height: number;
}

/** Where a point stands for several changes: from lowest to highest since the point before. */
export function extentsOf(span: HealthSpan, frame: Frame): Extent[] {
  let before = Math.max(frame.from, Date.parse(span.from));
  return span.points.map(({ at, lowest, highest }) => {
    const time = Date.parse(at);
    const x = xOf(before, frame);
    before = time;
    const y = yOf(highest, frame);
    return { key: at, x, width: xOf(time, frame) - x, y, height: yOf(lowest, frame) - y };
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

interface CountedRule {
  rule: string;
  description: string;
  counted: number;
  points: number;
}

export interface ScoreInputs {
  anomalyWeight: number;
  anomalyEpisodes: number;
  deductions: readonly CountedRule[];
}

/** What is counted otherwise than by the change before; without one, all that is counted. */
export function describeChange(change: ScoreInputs, before: ScoreInputs | undefined): string[] {
  const old = new Map(before?.deductions.map((row) => [row.rule, row]));
  const now = new Map(change.deductions.map((row) => [row.rule, row]));
  const differences: string[] = [];
  for (const rule of new Set([...now.keys(), ...old.keys()])) {
    const row = now.get(rule) ?? old.get(rule);
    const [was, is] = [old.get(rule)?.counted ?? 0, now.get(rule)?.counted ?? 0];
    if (row && was !== is) {
      const points = (old.get(rule)?.points ?? 0) - (now.get(rule)?.points ?? 0);
      differences.push(`${row.description}: ${was} → ${is} (${formatSigned(points)})`);
    }
  }
  const episodes = before?.anomalyEpisodes ?? 0;
  if (episodes !== change.anomalyEpisodes) {
    differences.push(`Episodes of the detectors: ${episodes} → ${change.anomalyEpisodes}`);
  }
  if (before && before.anomalyWeight !== change.anomalyWeight) {
    differences.push(`Anomaly weight: ${before.anomalyWeight} → ${change.anomalyWeight}`);
  }
  return differences;
}
