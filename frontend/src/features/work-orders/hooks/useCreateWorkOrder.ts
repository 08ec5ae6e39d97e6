import { useMutation } from 'urql';
import { graphql, type VariablesOf } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';

const CreateWorkOrder = graphql(`
  mutation CreateWorkOrder($input: WorkOrderCreateInput!) {
    workOrderCreate(input: $input) {
      __typename
      ... on WorkOrderCreateSuccess {
        workOrder {
          id
          number
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

export type NewWorkOrder = VariablesOf<typeof CreateWorkOrder>['input'];

/** Creates a work order; answers null, or why it was refused. */
export function useCreateWorkOrder(): (input: NewWorkOrder) => Promise<UserProblem | null> {
  const [, create] = useMutation(CreateWorkOrder);
  return async (input) => {
    const outcome = readOutcome(await create({ input }), (data) => data.workOrderCreate);
    return outcome.ok ? null : outcome.problem;
  };
}
