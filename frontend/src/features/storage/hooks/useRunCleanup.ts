import { useMutation } from 'urql';
import { graphql } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';
import { StorageFields } from '../model/months';

const RunStorageCleanup = graphql(
  `
    mutation RunStorageCleanup {
      runStorageCleanup {
        __typename
        ... on RunStorageCleanupSuccess {
          storage {
            ...StorageFields
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [StorageFields],
);

/** Asks for a clean-up; answers null, or why it was refused. */
export function useRunCleanup(): () => Promise<UserProblem | null> {
  const [, run] = useMutation(RunStorageCleanup);
  return async () => {
    const outcome = readOutcome(await run({}), (data) => data.runStorageCleanup);
    return outcome.ok ? null : outcome.problem;
  };
}
