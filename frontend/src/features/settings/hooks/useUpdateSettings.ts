import { useMutation } from 'urql';
import { graphql, type VariablesOf } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';

const UpdateSettings = graphql(`
  mutation UpdateSettings($input: SettingsUpdateInput!) {
    settingsUpdate(input: $input) {
      __typename
      ... on SettingsUpdateSuccess {
        settings {
          anomalyWeight
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

type SettingsChange = VariablesOf<typeof UpdateSettings>['input'];

/** Changes the plant's settings; answers null, or why it was refused. */
export function useUpdateSettings(): (input: SettingsChange) => Promise<UserProblem | null> {
  const [, update] = useMutation(UpdateSettings);
  return async (input) => {
    const outcome = readOutcome(await update({ input }), (data) => data.settingsUpdate);
    return outcome.ok ? null : outcome.problem;
  };
}
