import type uPlot from 'uplot';
import { type Severity, severities } from '~/lib/alarm';
import { formatDateTime, formatTimeOfDay } from '~/lib/format';
import { tokenVariable } from '~/theme/tokens';

/** An alert on a trend: from its raising to its clearing, or to now. */
export interface AlertMark {
  id: string;
  metric: string;
  severity: Severity;
  from: number;
  to: number | null;
}

const fillTokens: Record<Severity, string> = {
  CRITICAL: 'alarmCritical',
  WARNING: 'alarmWarning',
  INFO: 'alarmInfo',
};
const inkTokens: Record<Severity, string> = {
  CRITICAL: 'onAlarmCritical',
  WARNING: 'onAlarmWarning',
  INFO: 'onAlarmInfo',
};
const numbers: Record<Severity, string> = { CRITICAL: '1', WARNING: '2', INFO: '3' };

const tokenValues = new Map<string, string>();

/** The present value of a theme token, for drawing on a canvas; read from the page once per scheme. */
export function readToken(name: string): string {
  const key = `${document.documentElement.dataset.mantineColorScheme} ${name}`;
  const known = tokenValues.get(key);
  if (known) {
    return known;
  }
  const value = getComputedStyle(document.documentElement).getPropertyValue(tokenVariable(name)).trim();
  tokenValues.set(key, value);
  return value;
}

function traceShape(
  context: CanvasRenderingContext2D,
  severity: Severity,
  x: number,
  y: number,
  size: number,
): void {
  const half = size / 2;
  context.beginPath();
  if (severity === 'CRITICAL') {
    context.rect(x - half, y, size, size);
  } else if (severity === 'WARNING') {
    context.moveTo(x, y - 1);
    context.lineTo(x + half + 1, y + size);
    context.lineTo(x - half - 1, y + size);
    context.closePath();
  } else {
    context.arc(x, y + half, half, 0, 2 * Math.PI);
  }
}

interface MarkSpan {
  mark: AlertMark;
  start: number;
  end: number;
  /** False when the alert was raised before the window. */
  beginsInside: boolean;
}

function spanOf(chart: uPlot, mark: AlertMark): MarkSpan | null {
  const { left, width } = chart.bbox;
  const right = left + width;
  const rawStart = chart.valToPos(mark.from / 1000, 'x', true);
  const rawEnd = mark.to === null ? right : chart.valToPos(mark.to / 1000, 'x', true);
  if (rawEnd < left || rawStart > right) {
    return null;
  }
  const start = Math.max(left, rawStart);
  const end = Math.max(start + 2 * devicePixelRatio, Math.min(right, rawEnd));
  return { mark, start, end, beginsInside: rawStart >= left };
}

function drawBand({ ctx, bbox }: uPlot, { mark, start, end, beginsInside }: MarkSpan): void {
  ctx.fillStyle = readToken(fillTokens[mark.severity]);
  ctx.globalAlpha = 0.1;
  ctx.fillRect(start, bbox.top, end - start, bbox.height);
  ctx.globalAlpha = 1;
  ctx.fillRect(start, bbox.top, end - start, 3 * devicePixelRatio);
  if (beginsInside) {
    ctx.fillRect(start, bbox.top, 2 * devicePixelRatio, bbox.height);
  }
}

function drawSymbol({ ctx }: uPlot, severity: Severity, middle: number, top: number, size: number): void {
  traceShape(ctx, severity, middle, top, size);
  ctx.fillStyle = readToken(fillTokens[severity]);
  ctx.fill();
  ctx.fillStyle = readToken(inkTokens[severity]);
  ctx.font = `700 ${size * 0.67}px sans-serif`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'alphabetic';
  ctx.fillText(numbers[severity], middle, top + size * 0.84);
}

/** Where symbols of a width stand, left to right, so that none covers another; the last ones end at `right`. */
export function spreadSymbols(wanted: readonly number[], width: number, right: number): number[] {
  const places = [...wanted];
  for (let index = 1; index < places.length; index += 1) {
    places[index] = Math.max(places[index] ?? 0, (places[index - 1] ?? 0) + width);
  }
  let limit = right;
  for (let index = places.length - 1; index >= 0; index -= 1) {
    places[index] = Math.min(places[index] ?? 0, limit);
    limit = (places[index] ?? 0) - width;
  }
  return places;
}

/** The strip above the plot, in CSS pixels, where the symbols and their times stand: they cover no value. */
export const markStripHeight = 20;

/**
 * Left ends of labels beside symbols at `places`: to the right, else to the left, else none (null), so that
 * a label covers no symbol and no other label.
 */
export function placeLabels(
  places: readonly number[],
  half: number,
  widths: readonly number[],
  bounds: { left: number; right: number },
): (number | null)[] {
  let taken = bounds.left;
  return places.map((place, index) => {
    const next = places[index + 1];
    const width = widths[index] ?? 0;
    const limit = next === undefined ? bounds.right : next - half;
    const [before, after] = [place - half - width, place + half];
    const start = after + width <= limit ? after : before >= taken ? before : null;
    taken = Math.max(place + half, start === null ? 0 : start + width);
    return start;
  });
}

/** The time of day in the window; with the day when an alert was raised before it on another day. */
function describeStart(from: number, beginsInside: boolean): string {
  if (beginsInside) {
    return formatTimeOfDay(from);
  }
  const isToday = new Date(from).toDateString() === new Date().toDateString();
  return `since ${isToday ? formatTimeOfDay(from) : formatDateTime(from)}`;
}

function drawTimes(chart: uPlot, spans: readonly MarkSpan[], places: readonly number[], size: number): void {
  const { ctx, bbox } = chart;
  ctx.font = `${12 * devicePixelRatio}px system-ui, "DejaVu Sans", sans-serif`;
  ctx.textAlign = 'left';
  ctx.fillStyle = readToken('textDim');
  const gap = 4 * devicePixelRatio;
  const labels = spans.map(({ mark, beginsInside }) => describeStart(mark.from, beginsInside));
  const widths = labels.map((label) => ctx.measureText(label).width + gap);
  const bounds = { left: bbox.left, right: bbox.left + bbox.width };
  for (const [index, start] of placeLabels(places, size * 0.6, widths, bounds).entries()) {
    if (start !== null) {
      ctx.fillText(labels[index] ?? '', start + gap / 2, bbox.top - size * 0.3);
    }
  }
}

/** Draws the marks over the chart, each with its severity's shape, number, colour and time. */
export function drawAlertMarks(chart: uPlot, marks: readonly AlertMark[]): void {
  const spans = marks
    .map((mark) => spanOf(chart, mark))
    .filter((span) => span !== null)
    .sort((a, b) => a.start - b.start);
  const size = 15 * devicePixelRatio;
  const wanted = spans.map(({ start }) => start + size * 0.6);
  const places = spreadSymbols(wanted, size * 1.2, chart.bbox.left + chart.bbox.width - size * 0.6);
  chart.ctx.save();
  // The worst comes last, so that nothing lies over it.
  for (const severity of severities.toReversed()) {
    for (const span of spans.filter(({ mark }) => mark.severity === severity)) {
      drawBand(chart, span);
    }
  }
  for (const [index, { mark }] of spans.entries()) {
    drawSymbol(chart, mark.severity, places[index] ?? 0, chart.bbox.top - size - 2 * devicePixelRatio, size);
  }
  drawTimes(chart, spans, places, size);
  chart.ctx.restore();
}
