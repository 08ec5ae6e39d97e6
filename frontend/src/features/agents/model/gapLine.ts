import { formatCount, formatSpan } from '~/lib/format';
import type { GapWindow } from './gapWindow';
import { describeMoment } from './headline';
import type { AgentState } from './states';

export const gapWindowWords: Record<GapWindow, string> = {
  '1h': '1 h',
  '8h': '8 h',
  '24h': '24 h',
  '7d': '7 d',
  '30d': '30 d',
};

const hourMs = 3_600_000;
export const gapWindowMs: Record<GapWindow, number> = {
  '1h': hourMs,
  '8h': 8 * hourMs,
  '24h': 24 * hourMs,
  '7d': 168 * hourMs,
  '30d': 720 * hourMs,
};

export interface Gap {
  source: string;
  /** Empty when the whole source is meant. */
  tag: string;
  reason: string;
  start: string;
  end: string;
  count: number;
}

/** A gap drawn on a line: where it begins and how long it is, in percent of the line. */
export interface GapMark {
  left: number;
  width: number;
  /** False when some of the source's tags were read meanwhile. */
  isWhole: boolean;
  title: string;
}

export interface GapLine {
  source: string;
  marks: readonly GapMark[];
}

/** One line per source, in the order given, with its gaps between two moments in ms since 1970. */
export function gapLines(
  sources: readonly string[],
  gaps: readonly Gap[],
  from: number,
  to: number,
): GapLine[] {
  return sources.map((source) => ({
    source,
    marks: gaps
      .filter((gap) => gap.source === source && Date.parse(gap.end) >= from && Date.parse(gap.start) <= to)
      .map((gap) => markOf(gap, from, to)),
  }));
}

function markOf(gap: Gap, from: number, to: number): GapMark {
  const start = Math.max(from, Date.parse(gap.start));
  const end = Math.min(to, Date.parse(gap.end));
  return {
    left: (100 * (start - from)) / (to - from),
    width: (100 * (end - start)) / (to - from),
    isWhole: gap.tag === '',
    title: `${describeMoment(gap.start, to)} to ${describeMoment(gap.end, to)}: ${gap.reason}`,
  };
}

/** How long a gap lasted: "12 min". */
export function gapSpan({ start, end }: { start: string; end: string }): string {
  return formatSpan(Date.parse(end) - Date.parse(start));
}

/** A line in words: "press: 3 gaps, one of them of some tags only". */
export function describeGapLine({ source, marks }: GapLine): string {
  if (marks.length === 0) {
    return `${source}: nothing missing`;
  }
  const partial = marks.filter(({ isWhole }) => !isWhole).length;
  const count = `${formatCount(marks.length)} ${marks.length === 1 ? 'gap' : 'gaps'}`;
  return partial === 0
    ? `${source}: ${count}`
    : `${source}: ${count}, ${formatCount(partial)} of single tags`;
}

/** Three moments under a line, in ms since 1970. */
export function gapTicks(from: number, to: number): readonly number[] {
  return [from, (from + to) / 2, to];
}

/** The part of a line of which the agent has told, in percent; null when there is none. */
export function knownPart(
  agent: { state: AgentState; startedAt: string; firstSeenAt: string; lastSeenAt: string },
  from: number,
  to: number,
): { left: number; width: number } | null {
  const start = Math.max(from, Math.min(Date.parse(agent.firstSeenAt), Date.parse(agent.startedAt)));
  const end = agent.state === 'SILENT' ? Math.min(to, Date.parse(agent.lastSeenAt)) : to;
  return end <= start
    ? null
    : { left: (100 * (start - from)) / (to - from), width: (100 * (end - start)) / (to - from) };
}
