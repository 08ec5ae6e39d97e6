import { useMutation } from 'urql';
import { graphql, type VariablesOf } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';

const UpdateWorkOrder = graphql(`
  mutation UpdateWorkOrder($input: WorkOrderUpdateInput!) {
    workOrderUpdate(input: $input) {
      __typename
      ... on WorkOrderUpdateSuccess {
        workOrder {
          id
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

export type WorkOrderChange = VariablesOf<typeof UpdateWorkOrder>['input'];

/** Changes a work order that is still at `expectedVersion`; answers null, or why it was refused. */
export function useUpdateWorkOrder(): (input: WorkOrderChange) => Promise<UserProblem | null> {
  const [, update] = useMutation(UpdateWorkOrder);
  return async (input) => {
    const outcome = readOutcome(await update({ input }), (data) => data.workOrderUpdate);
    return outcome.ok ? null : outcome.problem;
  };
}
