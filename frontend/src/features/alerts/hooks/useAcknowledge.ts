import { useMutation } from 'urql';
import { graphql } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';

const AcknowledgeAlert = graphql(`
  mutation AcknowledgeAlert($input: AlertAcknowledgeInput!) {
    alertAcknowledge(input: $input) {
      __typename
      ... on AlertAcknowledgeSuccess {
        alert {
          id
          state
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

/** Acknowledges an alert; answers null, or why it was refused. */
export function useAcknowledge(): (id: string, note: string) => Promise<UserProblem | null> {
  const [, acknowledge] = useMutation(AcknowledgeAlert);
  return async (id, note) => {
    const result = await acknowledge({ input: { id, note: note.trim() || null } });
    const outcome = readOutcome(result, (data) => data.alertAcknowledge);
    return outcome.ok ? null : outcome.problem;
  };
}
