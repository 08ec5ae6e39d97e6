import type uPlot from 'uplot';
import type { Severity } from '~/lib/alarm';
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

/** The present value of a theme token, for drawing on a canvas. */
export function readToken(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(tokenVariable(name)).trim();
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

function drawMark(chart: uPlot, mark: AlertMark): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  const xOf = (time: number): number => chart.valToPos(time / 1000, 'x', true);
  const right = bbox.left + bbox.width;
  const rawStart = xOf(mark.from);
  const rawEnd = mark.to === null ? right : xOf(mark.to);
  if (rawEnd < bbox.left || rawStart > right) {
    return;
  }
  const start = Math.max(bbox.left, rawStart);
  const end = Math.max(start + 2 * ratio, Math.min(right, rawEnd));
  ctx.fillStyle = readToken(fillTokens[mark.severity]);
  ctx.globalAlpha = 0.14;
  ctx.fillRect(start, bbox.top, end - start, bbox.height);
  ctx.globalAlpha = 1;
  ctx.fillRect(start, bbox.top, end - start, 3 * ratio);
  if (rawStart >= bbox.left) {
    ctx.fillRect(start, bbox.top, 2 * ratio, bbox.height);
  }
  const size = 15 * ratio;
  const middle = Math.min(right - size, start + size * 0.6);
  traceShape(ctx, mark.severity, middle, bbox.top, size);
  ctx.fill();
  ctx.fillStyle = readToken(inkTokens[mark.severity]);
  ctx.font = `700 ${10 * ratio}px sans-serif`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'alphabetic';
  ctx.fillText(numbers[mark.severity], middle, bbox.top + size * 0.84);
}

/** Draws the marks over the chart, each with its severity's shape, number and colour. */
export function drawAlertMarks(chart: uPlot, marks: readonly AlertMark[]): void {
  chart.ctx.save();
  for (const mark of marks) {
    drawMark(chart, mark);
  }
  chart.ctx.restore();
}
