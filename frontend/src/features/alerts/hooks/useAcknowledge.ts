import { useMutation } from 'urql';
import { graphql } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';
import type { AlertOutcome } from '../model/outcome';

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
export function useAcknowledge(): (
  id: string,
  note: string,
  outcome?: AlertOutcome | null,
) => Promise<UserProblem | null> {
  const [, acknowledge] = useMutation(AcknowledgeAlert);
  return async (id, note, outcome = null) => {
    const result = await acknowledge({ input: { id, note: note.trim() || null, outcome } });
    const read = readOutcome(result, (data) => data.alertAcknowledge);
    return read.ok ? null : read.problem;
  };
}
