import { type FragmentOf, graphql, type VariablesOf } from '~/gql/graphql';
import type { Severity } from '~/lib/alarm';

export const PolicyFields = graphql(`
  fragment PolicyFields on EscalationPolicy @_unmask {
    id
    name
    severities
    sites
    machineIds
    rounds
    repeatAfterMinutes
    stopsOnClear
    isActive
    version
    steps {
      waitMinutes
      targets {
        kind
        id
        name
        trouble
      }
    }
  }
`);

export type Policy = FragmentOf<typeof PolicyFields>;
export type Target = Policy['steps'][number]['targets'][number];

export const createPolicy = graphql(
  `
    mutation CreateEscalationPolicy($input: EscalationPolicyCreateInput!) {
      escalationPolicyCreate(input: $input) {
        __typename
        ... on EscalationPolicyCreateSuccess {
          policy {
            ...PolicyFields
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [PolicyFields],
);

export type PolicyInput = VariablesOf<typeof createPolicy>['input'];

const kindWords: Record<Target['kind'], string> = {
  CHANNEL: 'channel',
  USER: 'person',
  ROTATION: 'on call',
};

/** "Maintenance (channel)"; what is gone is called so. */
export function targetText(target: Pick<Target, 'kind' | 'name'>): string {
  return `${target.name ?? 'Deleted'} (${kindWords[target.kind]})`;
}

/** Minutes after the alert at which each step of the first round is told. */
export function minutesAfterAlert(steps: readonly { waitMinutes: number }[]): number[] {
  let sum = 0;
  return steps.map(({ waitMinutes }) => {
    sum += waitMinutes;
    return sum;
  });
}

/** "at once", "5 min", "1 h 30 min", "2 h". */
export function waitText(minutes: number): string {
  if (minutes === 0) {
    return 'at once';
  }
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours > 0 ? `${hours} h` : '', rest > 0 ? `${rest} min` : ''].filter(Boolean).join(' ');
}

const severityWords: Record<Severity, string> = { CRITICAL: 'critical', WARNING: 'warning', INFO: 'info' };

/** For which alerts a policy is, in words: "critical alerts of Press 7 in Hall 1". */
export function scopeText(
  policy: Pick<Policy, 'severities' | 'sites' | 'machineIds'>,
  machineNames: ReadonlyMap<string, string>,
): string {
  const severities = policy.severities.map((one) => severityWords[one]).join(' and ');
  const machines = policy.machineIds.map((id) => machineNames.get(id) ?? 'a machine').join(', ');
  return [
    severities ? `${severities} alerts` : 'all alerts',
    machines && `of ${machines}`,
    policy.sites.length > 0 && `in ${policy.sites.join(', ')}`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** How often and after what time the chain begins again; null when it is gone through once. */
export function repeatText(policy: Pick<Policy, 'rounds' | 'repeatAfterMinutes'>): string | null {
  const more = policy.rounds - 1;
  if (more < 1) {
    return null;
  }
  return `again ${more === 1 ? 'once' : `${more} times`}, ${waitText(policy.repeatAfterMinutes)} after the last step`;
}
