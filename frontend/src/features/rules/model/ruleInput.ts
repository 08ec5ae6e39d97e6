import { isGroup, type LeafDraft, type NodeDraft } from './conditions';
import { parseDuration } from './duration';
import type { AlertRuleCheckVariables } from './operations';
import { isDuration, overrideColumns } from './overrides';
import type { RuleDraft } from './ruleDraft';

export type RuleInput = AlertRuleCheckVariables['rule'];
type ConditionInput = RuleInput['levels'][number]['condition'];

/** What is wrong, by the path of its field joined with dots. */
export type Problems = Readonly<Record<string, string>>;

const noNumber = 'Write a number, such as 7.5.';
const noDuration = 'Write a duration, such as 90 s, 5 min or 2 h.';

class Reader {
  readonly problems: Record<string, string> = {};

  number(text: string, path: string): number {
    const value = text.trim() === '' ? Number.NaN : Number(text.replace(',', '.'));
    if (!Number.isFinite(value)) {
      this.problems[path] = noNumber;
    }
    return Number.isFinite(value) ? value : 0;
  }

  optional(text: string, path: string): number | null {
    return text.trim() === '' ? null : this.number(text, path);
  }

  duration(text: string, path: string): number {
    const seconds = parseDuration(text);
    if (seconds === null) {
      this.problems[path] = noDuration;
    }
    return seconds ?? 0;
  }
}

function timing(node: NodeDraft, path: string, read: Reader) {
  return {
    key: node.key,
    forSeconds: read.duration(node.held, `${path}.forSeconds`),
    count: Math.round(read.number(node.count || '1', `${path}.count`)),
    withinSeconds: read.duration(node.within, `${path}.withinSeconds`),
  };
}

function leafInput(leaf: LeafDraft, path: string, read: Reader): ConditionInput {
  const timed = { ...timing(leaf, path, read), machineId: leaf.machineId || null };
  const own = { ...timed, metric: leaf.metric };
  const threshold = (): number => read.number(leaf.threshold, `${path}.threshold`);
  const clear = (): number | null => read.optional(leaf.clear, `${path}.clear`);
  switch (leaf.kind) {
    case 'comparison':
      return { comparison: { ...own, operator: leaf.operator, threshold: threshold(), clear: clear() } };
    case 'range':
      return {
        range: {
          ...own,
          isInside: leaf.isInside,
          low: read.number(leaf.low, `${path}.low`),
          high: read.number(leaf.high, `${path}.high`),
          deadband: read.optional(leaf.deadband, `${path}.deadband`) ?? 0,
        },
      };
    case 'rate':
      return {
        rate: {
          ...own,
          operator: leaf.operator,
          threshold: threshold(),
          clear: clear(),
          unit: leaf.unit,
          windowSeconds: read.duration(leaf.window, `${path}.windowSeconds`),
        },
      };
    case 'deviation':
      return {
        deviation: {
          ...own,
          threshold: threshold(),
          clear: clear(),
          side: leaf.side,
          hours: Math.round(read.number(leaf.hours, `${path}.hours`)),
          minSamples: Math.round(read.number(leaf.minSamples, `${path}.minSamples`)),
        },
      };
    case 'noData':
      return { noData: { ...own, seconds: read.duration(leaf.silence, `${path}.seconds`) } };
    case 'machineState':
      return { machineState: { ...timed, states: [...leaf.states] } };
    case 'machineRunning':
      return { machineRunning: { ...timed, isRunning: leaf.isRunning } };
    case 'machineService':
      return { machineService: { ...timed, isInService: leaf.isInService } };
  }
}

function conditionInput(node: NodeDraft, path: string, read: Reader): ConditionInput {
  if (!isGroup(node)) {
    return leafInput(node, path, read);
  }
  const group = {
    ...timing(node, path, read),
    conditions: node.parts.map((part, index) => conditionInput(part, `${path}.conditions.${index}`, read)),
  };
  return node.kind === 'allOf' ? { allOf: group } : { anyOf: group };
}

type Numbers = NonNullable<NonNullable<RuleInput['overrides']>[number]['numbers']>[number];

function overridesInput(draft: RuleDraft, read: Reader): RuleInput['overrides'] {
  const columns = overrideColumns(draft);
  return Object.entries(draft.overrides).map(([machineId, { isEnabled, numbers }]) => {
    const byKey = new Map<string, Numbers>();
    for (const { id, key, field } of columns) {
      const typed = numbers[id] ?? '';
      if (typed.trim() !== '') {
        const path = `overrides.${machineId}.${id}`;
        const value = isDuration(field) ? read.duration(typed, path) : read.number(typed, path);
        byKey.set(key, { ...(byKey.get(key) ?? { key }), [field]: value });
      }
    }
    return { machineId, isEnabled, numbers: [...byKey.values()] };
  });
}

/** The draft as it is sent, and what in it is no number or duration. */
export function readRule(draft: RuleDraft): { input: RuleInput; problems: Problems } {
  const read = new Reader();
  const isTemplate = draft.scope === 'kind';
  const { timeZone, days, from, to } = draft;
  const input: RuleInput = {
    name: draft.name,
    description: draft.description,
    isEnabled: draft.isEnabled,
    machineId: isTemplate ? null : draft.machineId,
    machineKind: isTemplate ? draft.machineKind : null,
    levels: draft.levels.map(({ severity, condition }, index) => ({
      severity,
      condition: conditionInput(condition, `levels.${index}.condition`, read),
    })),
    onDelaySeconds: read.duration(draft.onDelay, 'onDelaySeconds'),
    offDelaySeconds: read.duration(draft.offDelay, 'offDelaySeconds'),
    cooldownSeconds: read.duration(draft.cooldown, 'cooldownSeconds'),
    schedule: draft.hasSchedule ? { timeZone, days: [...days], from, to } : null,
    overrides: isTemplate ? overridesInput(draft, read) : [],
  };
  return { input, problems: read.problems };
}
