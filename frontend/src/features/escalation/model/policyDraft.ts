import type { Severity } from '~/lib/alarm';
import type { Policy, PolicyInput, Target } from './policy';

export interface TargetChoice {
  kind: Target['kind'];
  id: string;
  name: string | null;
}

export interface StepDraft {
  /** Tells the steps apart while they are edited. */
  key: number;
  waitMinutes: string;
  targets: TargetChoice[];
}

export interface PolicyDraft {
  name: string;
  severities: Severity[];
  sites: string;
  machineId: string;
  steps: StepDraft[];
  rounds: string;
  repeatAfterMinutes: string;
  stopsOnClear: boolean;
  isActive: boolean;
}

export const longestWait = 1_440;
export const mostSteps = 10;
export const mostRounds = 10;

let lastKey = 0;

export function newStep(waitMinutes = 10, targets: TargetChoice[] = []): StepDraft {
  lastKey += 1;
  return { key: lastKey, waitMinutes: String(waitMinutes), targets };
}

export function toPolicyDraft(policy: Policy | null): PolicyDraft {
  if (!policy) {
    return {
      name: '',
      severities: [],
      sites: '',
      machineId: '',
      steps: [newStep(5)],
      rounds: '1',
      repeatAfterMinutes: '15',
      stopsOnClear: true,
      isActive: true,
    };
  }
  return {
    name: policy.name,
    severities: [...policy.severities],
    sites: policy.sites.join(', '),
    machineId: policy.machineIds[0] ?? '',
    steps: policy.steps.map((step) => newStep(step.waitMinutes, [...step.targets])),
    rounds: String(policy.rounds),
    repeatAfterMinutes: String(policy.repeatAfterMinutes),
    stopsOnClear: policy.stopsOnClear,
    isActive: policy.isActive,
  };
}

function isWhole(text: string, least: number, most: number): boolean {
  return /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;
}

export interface StepProblems {
  waitMinutes?: string;
  targets?: string;
}

export function stepProblems(step: StepDraft): StepProblems {
  return {
    ...(isWhole(step.waitMinutes, 0, longestWait) ? {} : { waitMinutes: '0 to 1,440 minutes.' }),
    ...(step.targets.length > 0 ? {} : { targets: 'Say whom this step tells.' }),
  };
}

/** What keeps the draft from being saved, by field; empty when nothing does. */
export function policyProblems(draft: PolicyDraft): Record<string, string> {
  return {
    ...(draft.name.trim() ? {} : { name: 'Give the policy a name.' }),
    ...(isWhole(draft.rounds, 1, mostRounds) ? {} : { rounds: '1 to 10.' }),
    ...(isWhole(draft.repeatAfterMinutes, 1, longestWait)
      ? {}
      : { repeatAfterMinutes: '1 to 1,440 minutes.' }),
    ...(draft.steps.every((step) => Object.keys(stepProblems(step)).length === 0)
      ? {}
      : { steps: 'A step is not complete.' }),
  };
}

function idsOf(step: StepDraft, kind: Target['kind']): string[] {
  return step.targets.filter((target) => target.kind === kind).map(({ id }) => id);
}

/** `known` are the machines of the stored policy: the form shows one, and keeps the others unless it is changed. */
export function toPolicyInput(draft: PolicyDraft, known: readonly string[] = []): PolicyInput {
  const isMachineKept = (known[0] ?? '') === draft.machineId;
  return {
    name: draft.name.trim(),
    severities: draft.severities,
    sites: draft.sites
      .split(',')
      .map((site) => site.trim())
      .filter(Boolean),
    machineIds: isMachineKept ? [...known] : [draft.machineId].filter(Boolean),
    steps: draft.steps.map((step) => ({
      waitMinutes: Number(step.waitMinutes),
      channelIds: idsOf(step, 'CHANNEL'),
      userIds: idsOf(step, 'USER'),
      rotationIds: idsOf(step, 'ROTATION'),
    })),
    rounds: Number(draft.rounds),
    repeatAfterMinutes: Number(draft.repeatAfterMinutes),
    stopsOnClear: draft.stopsOnClear,
    isActive: draft.isActive,
  };
}
