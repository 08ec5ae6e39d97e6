import * as v from 'valibot';
import { textParam, timeParam } from '~/lib/searchParams';

export const windowLengths = {
  '5m': { label: '5 min', ms: 300_000 },
  '15m': { label: '15 min', ms: 900_000 },
  '1h': { label: '1 h', ms: 3_600_000 },
  '8h': { label: '8 h', ms: 28_800_000 },
  '24h': { label: '24 h', ms: 86_400_000 },
  '7d': { label: '7 d', ms: 604_800_000 },
} as const;

export type WindowName = keyof typeof windowLengths;
export const windowNames = Object.keys(windowLengths) as WindowName[];
const defaultWindow: WindowName = '15m';

export const machineSearch = v.object({
  window: v.fallback(v.optional(v.picklist(windowNames)), undefined),
  from: timeParam,
  to: timeParam,
  metric: textParam,
});

export type MachineSearch = v.InferOutput<typeof machineSearch>;

/** A window that moves with the clock, or a fixed one. */
export type ViewWindow =
  | { kind: 'live'; name: WindowName; ms: number }
  | { kind: 'fixed'; from: number; to: number };

/** The window that the URL asks for; a fixed one needs both ends in the right order. */
export function readWindow({ window, from, to }: MachineSearch): ViewWindow {
  if (from !== undefined && to !== undefined && from < to) {
    return { kind: 'fixed', from, to };
  }
  const name = window ?? defaultWindow;
  return { kind: 'live', name, ms: windowLengths[name].ms };
}

const beforeMs = 600_000;
const afterMs = 300_000;

/** The search parameters that show the moment of an alert. */
export function momentOf(alert: {
  metric: string | null;
  raisedAt: string;
  clearedAt: string | null;
}): MachineSearch {
  const raised = Date.parse(alert.raisedAt);
  const cleared = alert.clearedAt ? Date.parse(alert.clearedAt) : raised;
  return { from: raised - beforeMs, to: cleared + afterMs, metric: alert.metric ?? undefined };
}
