import { isGroup, type NodeDraft, nodesOf } from './conditions';
import { formatDuration } from './duration';
import type { RuleDraft } from './ruleDraft';
import type { Rule } from './ruleFragment';

/** What a machine may have otherwise of a condition. */
export const overrideFields = ['threshold', 'clear', 'low', 'high', 'seconds', 'forSeconds'] as const;
export type OverrideField = (typeof overrideFields)[number];

const fieldWords: Record<OverrideField, string> = {
  threshold: '',
  clear: ' clears at',
  low: ' from',
  high: ' to',
  seconds: '',
  forSeconds: ' for at least',
};

export interface OverrideColumn {
  /** By which it stands among the numbers of a machine. */
  id: string;
  key: string;
  field: OverrideField;
  label: string;
  inRule: string;
}

export function columnId(key: string, field: OverrideField): string {
  return `${key}.${field}`;
}

export function isDuration(field: OverrideField): boolean {
  return field === 'seconds' || field === 'forSeconds';
}

/** What the rule says of these fields of a condition. */
function saidOf(node: NodeDraft): [OverrideField, string][] {
  const held: [OverrideField, string][] = [['forSeconds', node.held]];
  if (isGroup(node)) {
    return held;
  }
  switch (node.kind) {
    case 'machineState':
    case 'machineRunning':
    case 'machineService':
      return held;
    case 'range':
      return [['low', node.low], ['high', node.high], ...held];
    case 'noData':
      return [['seconds', node.silence], ...held];
    default:
      return [['threshold', node.threshold], ['clear', node.clear], ...held];
  }
}

function nameOf(node: NodeDraft): string {
  const name = isGroup(node) ? (node.kind === 'allOf' ? 'All of' : 'Any of') : node.metric || 'Condition';
  return `${name} ${node.key}`;
}

/** A column for each number; one for clearing and for a duration only where the rule or a machine has one. */
export function overrideColumns(draft: RuleDraft): OverrideColumn[] {
  const used = new Set(Object.values(draft.overrides).flatMap(({ numbers }) => Object.keys(numbers)));
  return draft.levels
    .flatMap(({ condition }) => nodesOf(condition))
    .filter((node) => node.key !== '')
    .flatMap((node) =>
      saidOf(node).map(([field, inRule]) => ({
        id: columnId(node.key, field),
        key: node.key,
        field,
        label: nameOf(node) + fieldWords[field],
        inRule,
      })),
    )
    .filter(
      ({ id, field, inRule }) =>
        (field !== 'clear' && field !== 'forSeconds') || inRule.trim() !== '' || used.has(id),
    );
}

type StoredNumbers = Rule['overrides'][number]['numbers'][number];

/** Stored numbers as they are typed. */
export function typedNumbers(numbers: readonly StoredNumbers[]): Record<string, string> {
  const typed: Record<string, string> = {};
  for (const one of numbers) {
    for (const field of overrideFields) {
      const value = one[field];
      if (value !== null) {
        typed[columnId(one.key, field)] = isDuration(field) ? formatDuration(value) || '0 s' : String(value);
      }
    }
  }
  return typed;
}
