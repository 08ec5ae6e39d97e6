import { useCallback } from 'react';
import { useMutation } from 'urql';
import { graphql, type ResultOf, type VariablesOf } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';
import { useLastingQuery } from '~/gql/useLastingQuery';

const AlertSettingsQuery = graphql(`
  query AlertSettings {
    alertSettings {
      outOfServiceWithWorkOrder
      timeZone
      shiftStarts
      endOfShift
      longestShelving {
        severity
        minutes
        needsSecondPerson
      }
      version
    }
  }
`);

const UpdateAlertSettings = graphql(`
  mutation UpdateAlertSettings($input: AlertSettingsUpdateInput!) {
    alertSettingsUpdate(input: $input) {
      __typename
      ... on AlertSettingsUpdateSuccess {
        settings {
          version
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

export type AlertSettings = ResultOf<typeof AlertSettingsQuery>['alertSettings'];
export type AlertSettingsChange = VariablesOf<typeof UpdateAlertSettings>['input'];

/** What the plant decides about its alerts. */
export function useAlertSettings() {
  const [{ data, error }, execute] = useLastingQuery({ query: AlertSettingsQuery });
  const reload = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  return { settings: data?.alertSettings ?? null, error, reload };
}

/** Changes them; answers null, or why it was refused. */
export function useUpdateAlertSettings(): (input: AlertSettingsChange) => Promise<UserProblem | null> {
  const [, update] = useMutation(UpdateAlertSettings);
  return async (input) => {
    const outcome = readOutcome(await update({ input }), (data) => data.alertSettingsUpdate);
    return outcome.ok ? null : outcome.problem;
  };
}
