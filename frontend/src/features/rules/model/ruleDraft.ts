import type { Severity } from '~/lib/alarm';
import { freeKey, type GroupDraft, isGroup, type NodeDraft, newGroup, newLeaf, nodesOf } from './conditions';
import { formatDuration } from './duration';
import { typedNumbers } from './overrides';
import type { Rule } from './ruleFragment';

export type MachineKind = NonNullable<Rule['machineKind']>;

export interface LevelDraft {
  severity: Severity;
  condition: GroupDraft;
}

export interface OverrideDraft {
  isEnabled: boolean;
  /** What is typed, by the column; empty: as in the rule. */
  numbers: Readonly<Record<string, string>>;
}

export interface RuleDraft {
  name: string;
  description: string;
  isEnabled: boolean;
  scope: 'machine' | 'kind';
  machineId: string;
  machineKind: MachineKind;
  levels: readonly LevelDraft[];
  onDelay: string;
  offDelay: string;
  cooldown: string;
  hasSchedule: boolean;
  timeZone: string;
  days: readonly number[];
  from: string;
  to: string;
  overrides: Readonly<Record<string, OverrideDraft>>;
}

export function newRule(): RuleDraft {
  return {
    name: '',
    description: '',
    isEnabled: true,
    scope: 'machine',
    machineId: '',
    machineKind: 'PUMP',
    levels: [{ severity: 'CRITICAL', condition: newGroup([newLeaf('c1')], { held: '5 min' }) }],
    onDelay: '',
    offDelay: '',
    cooldown: '',
    hasSchedule: false,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    days: [1, 2, 3, 4, 5],
    from: '06:00',
    to: '22:00',
    overrides: {},
  };
}

export function takenKeys(draft: RuleDraft): Set<string> {
  return new Set(draft.levels.flatMap(({ condition }) => nodesOf(condition).map(({ key }) => key)));
}

export function newLevel(draft: RuleDraft, severity: Severity): LevelDraft {
  return { severity, condition: newGroup([newLeaf(freeKey(takenKeys(draft)))]) };
}

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

type Plain = Record<string, unknown>;

/** A stored condition as a draft; the server gives it in the form in which it is sent. */
export function nodeDraft(condition: unknown): NodeDraft {
  const [[kind, content] = ['comparison', {}]] = Object.entries(condition as Record<string, Plain>);
  const timing = {
    key: text(content.key),
    held: formatDuration(Number(content.forSeconds ?? 0)),
    count: text(content.count ?? 1),
    within: formatDuration(Number(content.withinSeconds ?? 0)),
  };
  if (kind === 'allOf' || kind === 'anyOf') {
    return newGroup((content.conditions as unknown[]).map(nodeDraft), { ...timing, kind });
  }
  const given = Object.fromEntries(
    ['operator', 'unit', 'side', 'states', 'isInside', 'isRunning', 'isInService'].flatMap((name) =>
      name in content ? [[name, content[name]]] : [],
    ),
  );
  return newLeaf(timing.key, {
    ...timing,
    kind: kind as 'comparison',
    metric: text(content.metric),
    machineId: text(content.machineId),
    threshold: text(content.threshold),
    clear: text(content.clear),
    low: text(content.low),
    high: text(content.high),
    deadband: content.deadband ? text(content.deadband) : '',
    window: formatDuration(Number(content.windowSeconds ?? 300)),
    hours: text(content.hours ?? 24),
    minSamples: text(content.minSamples ?? 30),
    silence: formatDuration(Number(content.seconds ?? 300)),
    ...given,
  });
}

function overridesOf(rule: Rule): RuleDraft['overrides'] {
  return Object.fromEntries(
    rule.overrides.map(({ machineId, isEnabled, numbers }) => [
      machineId,
      { isEnabled, numbers: typedNumbers(numbers) },
    ]),
  );
}

export function draftOf(rule: Rule): RuleDraft {
  const { schedule } = rule;
  const fresh = newRule();
  return {
    ...fresh,
    name: rule.name,
    description: rule.description,
    isEnabled: rule.isEnabled,
    scope: rule.machineKind ? 'kind' : 'machine',
    machineId: rule.machine?.id ?? '',
    machineKind: rule.machineKind ?? fresh.machineKind,
    levels: rule.levels.map(({ severity, condition }) => {
      const node = nodeDraft(condition);
      return { severity, condition: isGroup(node) ? node : newGroup([node]) };
    }),
    onDelay: formatDuration(rule.onDelaySeconds),
    offDelay: formatDuration(rule.offDelaySeconds),
    cooldown: formatDuration(rule.cooldownSeconds),
    hasSchedule: schedule !== null,
    ...(schedule && {
      timeZone: schedule.timeZone,
      days: schedule.days,
      from: schedule.from,
      to: schedule.to,
    }),
    overrides: overridesOf(rule),
  };
}
