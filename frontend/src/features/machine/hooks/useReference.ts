import type { CombinedError } from '@urql/core';
import { useMutation, useQuery } from 'urql';
import { graphql, type ResultOf } from '~/gql/graphql';
import { type Outcome, readOutcome } from '~/gql/mutationResult';

const ReferenceFields = graphql(`
  fragment ReferenceFields on MachineReference @_unmask {
    machineId
    isReady
    hoursLearnt
    metrics {
      name
      mean
      standardDeviation
      correlations
    }
    metricsLeftOut
    principalComponents
    t2Limit
    qLimit
  }
`);

const ReferenceOfMachine = graphql(
  `
    query ReferenceOfMachine($machineId: ID!) {
      machineReference(machineId: $machineId) {
        ...ReferenceFields
      }
    }
  `,
  [ReferenceFields],
);

const VouchForReference = graphql(
  `
    mutation VouchForReference($input: MachineReferenceVouchInput!) {
      machineReferenceVouch(input: $input) {
        __typename
        ... on MachineReferenceVouchSuccess {
          reference {
            ...ReferenceFields
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [ReferenceFields],
);

const RestartReference = graphql(
  `
    mutation RestartReference($input: MachineReferenceRestartInput!) {
      machineReferenceRestart(input: $input) {
        __typename
        ... on MachineReferenceRestartSuccess {
          reference {
            ...ReferenceFields
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [ReferenceFields],
);

export type Reference = ResultOf<typeof ReferenceFields>;

export interface ReferenceState {
  reference: Reference | null;
  isLoading: boolean;
  error: CombinedError | undefined;
  reload: () => void;
}

/** What the metrics of a machine are like together in normal operation. */
export function useReference(machineId: string): ReferenceState {
  const [{ data, fetching, error }, execute] = useQuery({
    query: ReferenceOfMachine,
    variables: { machineId },
    requestPolicy: 'cache-and-network',
  });
  return {
    reference: data?.machineReference ?? null,
    isLoading: fetching && !data,
    error,
    reload: () => execute({ requestPolicy: 'network-only' }),
  };
}

export interface ReferenceMutations {
  vouch: (from: string, to: string) => Promise<Outcome<unknown>>;
  restart: () => Promise<Outcome<unknown>>;
}

/** Each answers what came of it, or why it was refused. */
export function useReferenceMutations(machineId: string): ReferenceMutations {
  const [, runVouch] = useMutation(VouchForReference);
  const [, runRestart] = useMutation(RestartReference);
  return {
    vouch: async (from, to) => {
      const result = await runVouch({ input: { machineId, from, to } });
      return readOutcome(result, (data) => data.machineReferenceVouch);
    },
    restart: async () => {
      const result = await runRestart({ input: { machineId } });
      return readOutcome(result, (data) => data.machineReferenceRestart);
    },
  };
}
