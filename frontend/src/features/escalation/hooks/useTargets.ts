import { useMemo } from 'react';
import { useQuery } from 'urql';
import { graphql } from '~/gql/graphql';
import type { TargetChoice } from '../model/policyDraft';

const EscalationTargets = graphql(`
  query EscalationTargets {
    users {
      id
      fullName
      isActive
    }
    onCallRotations {
      id
      name
    }
    notificationChannels(first: 100) {
      nodes {
        id
        name
        type
        isActive
      }
    }
  }
`);

export interface Targets {
  people: { id: string; name: string }[];
  channels: { id: string; name: string; type: string }[];
  choices: TargetChoice[];
  hasFailed: boolean;
}

/** Whom a step can tell: what is there and switched on. */
export function useTargets(): Targets {
  const [{ data, error }] = useQuery({ query: EscalationTargets, requestPolicy: 'cache-and-network' });
  return useMemo(() => {
    const people = (data?.users ?? [])
      .filter(({ isActive }) => isActive)
      .map(({ id, fullName }) => ({ id, name: fullName }));
    const channels = (data?.notificationChannels.nodes ?? [])
      .filter(({ isActive }) => isActive)
      .map(({ id, name, type }) => ({ id, name, type }));
    const rotations = data?.onCallRotations ?? [];
    return {
      people,
      channels,
      choices: [
        ...rotations.map(({ id, name }): TargetChoice => ({ kind: 'ROTATION', id, name })),
        ...people.map(({ id, name }): TargetChoice => ({ kind: 'USER', id, name })),
        ...channels.map(({ id, name }): TargetChoice => ({ kind: 'CHANNEL', id, name })),
      ],
      hasFailed: Boolean(error && !data),
    };
  }, [data, error]);
}
