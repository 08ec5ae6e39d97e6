import type { MachineStatus } from '~/lib/alarm';

export type LeafKind =
  | 'comparison'
  | 'range'
  | 'rate'
  | 'deviation'
  | 'noData'
  | 'machineState'
  | 'machineRunning'
  | 'machineService';

export const leafKinds: readonly LeafKind[] = [
  'comparison',
  'range',
  'rate',
  'deviation',
  'noData',
  'machineState',
  'machineRunning',
  'machineService',
];

export const leafWords: Record<LeafKind, string> = {
  comparison: 'Value compared',
  range: 'Value in or out of a range',
  rate: 'Rate of change',
  deviation: 'Deviation from the usual',
  noData: 'No data',
  machineState: 'State of the machine',
  machineRunning: 'Machine runs or not',
  machineService: 'Machine in or out of service',
};

export const operatorWords = {
  GREATER_THAN: '>',
  AT_LEAST: '≥',
  LESS_THAN: '<',
  AT_MOST: '≤',
  EQUAL: '=',
  NOT_EQUAL: '≠',
} as const;

export type Operator = keyof typeof operatorWords;
export type RateUnit = 'SECOND' | 'MINUTE' | 'HOUR';
export type Side = 'ABOVE' | 'BELOW' | 'EITHER';

/** A condition as typed: numbers and durations are text until they are sent. */
export interface LeafDraft {
  id: string;
  key: string;
  kind: LeafKind;
  metric: string;
  /** Empty for the machine that the rule watches. */
  machineId: string;
  operator: Operator;
  threshold: string;
  clear: string;
  low: string;
  high: string;
  isInside: boolean;
  deadband: string;
  unit: RateUnit;
  window: string;
  hours: string;
  minSamples: string;
  side: Side;
  silence: string;
  states: readonly MachineStatus[];
  isRunning: boolean;
  isInService: boolean;
  held: string;
  count: string;
  within: string;
}

export interface GroupDraft {
  id: string;
  key: string;
  kind: 'allOf' | 'anyOf';
  parts: readonly NodeDraft[];
  held: string;
  count: string;
  within: string;
}

export type NodeDraft = LeafDraft | GroupDraft;

let made = 0;

function nextId(): string {
  made += 1;
  return `node-${made}`;
}

/** A name for overrides that no condition of the rule has yet. */
export function freeKey(taken: ReadonlySet<string>): string {
  let number = 1;
  while (taken.has(`c${number}`)) {
    number += 1;
  }
  return `c${number}`;
}

export function newLeaf(key: string, part: Partial<LeafDraft> = {}): LeafDraft {
  return {
    id: nextId(),
    key,
    kind: 'comparison',
    metric: '',
    machineId: '',
    operator: 'GREATER_THAN',
    threshold: '',
    clear: '',
    low: '',
    high: '',
    isInside: false,
    deadband: '',
    unit: 'MINUTE',
    window: '5 min',
    hours: '24',
    minSamples: '30',
    side: 'EITHER',
    silence: '5 min',
    states: ['OFFLINE'],
    isRunning: true,
    isInService: true,
    held: '',
    count: '1',
    within: '',
    ...part,
  };
}

export function newGroup(parts: readonly NodeDraft[], part: Partial<GroupDraft> = {}): GroupDraft {
  return { id: nextId(), key: '', kind: 'allOf', parts, held: '', count: '1', within: '', ...part };
}

export function isGroup(node: NodeDraft): node is GroupDraft {
  return node.kind === 'allOf' || node.kind === 'anyOf';
}

/** The condition with all below it. */
export function nodesOf(node: NodeDraft): NodeDraft[] {
  return isGroup(node) ? [node, ...node.parts.flatMap(nodesOf)] : [node];
}

/** Whether it is about the machine as a whole, and not about one of its metrics. */
export function isOfMachine(kind: LeafKind): boolean {
  return kind === 'machineState' || kind === 'machineRunning' || kind === 'machineService';
}
