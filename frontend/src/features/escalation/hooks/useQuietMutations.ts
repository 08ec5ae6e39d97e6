import { useClient } from 'urql';
import { graphql } from '~/gql/graphql';
import { type Outcome, readOutcome } from '~/gql/mutationResult';
import { type QuietInput, QuietSettingsFields, type Scope, setQuietHours } from '../model/quietHours';

const removeQuietHours = graphql(
  `
    mutation RemoveQuietHours($input: QuietHoursRemoveInput!) {
      quietHoursRemove(input: $input) {
        __typename
        ... on QuietHoursRemoveSuccess {
          settings {
            ...QuietSettingsFields
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [QuietSettingsFields],
);

export interface QuietMutations {
  set: (input: QuietInput) => Promise<Outcome<unknown>>;
  remove: (scope: Scope, channelId?: string) => Promise<Outcome<unknown>>;
}

/** Changes of quiet hours; each answers what came of it, or why it was refused. */
export function useQuietMutations(): QuietMutations {
  const client = useClient();
  return {
    set: async (input) =>
      readOutcome(await client.mutation(setQuietHours, { input }), (data) => data.quietHoursSet),
    remove: async (scope, channelId) =>
      readOutcome(
        await client.mutation(removeQuietHours, { input: { scope, channelId: channelId ?? null } }),
        (data) => data.quietHoursRemove,
      ),
  };
}
