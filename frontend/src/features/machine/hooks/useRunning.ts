import { useCallback, useMemo } from 'react';
import { useMutation } from 'urql';
import { graphql, type ResultOf, type VariablesOf } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { type Outcome, readOutcome } from '~/gql/mutationResult';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { usePolling } from '~/lib/polling';

const RunningOfMachine = graphql(`
  query RunningOfMachine($machineId: ID!) {
    runningCondition(machineId: $machineId) {
      metricId
      metric
      comparison
      value
      isRunning
      since
    }
  }
`);

const SetRunningCondition = graphql(`
  mutation SetRunningCondition($input: RunningConditionSetInput!) {
    runningConditionSet(input: $input) {
      __typename
      ... on RunningConditionSetSuccess {
        condition {
          metricId
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

export type RunningCondition = NonNullable<ResultOf<typeof RunningOfMachine>['runningCondition']>;
export type NewCondition = NonNullable<VariablesOf<typeof SetRunningCondition>['input']['condition']>;

const refreshEveryMs = 5_000;

/** By which metric the machine can be seen to run, and whether it does. */
export function useRunning(machineId: string) {
  // A machine without a condition names no type by which a mutation would find it.
  const context = useMemo(() => ({ additionalTypenames: ['RunningCondition'] }), []);
  const [{ data, error }, execute] = useLastingQuery({
    query: RunningOfMachine,
    variables: { machineId },
    context,
  });
  const reload = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useLiveRefetch((event) => event.kind !== 'resumed' && event.machineId === machineId, reload);
  usePolling(reload, refreshEveryMs);
  return { condition: data?.runningCondition ?? null, isLoaded: data !== undefined, error, reload };
}

/** Sets the condition, or with null removes it; answers what came of it, or why it was refused. */
export function useSetRunning(
  machineId: string,
): (condition: NewCondition | null) => Promise<Outcome<unknown>> {
  const [, set] = useMutation(SetRunningCondition);
  return async (condition) =>
    readOutcome(await set({ input: { machineId, condition } }), (data) => data.runningConditionSet);
}
