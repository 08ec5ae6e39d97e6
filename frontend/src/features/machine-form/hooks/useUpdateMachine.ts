import { useMutation } from 'urql';
import { graphql, type VariablesOf } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';

const UpdateMachine = graphql(`
  mutation UpdateMachine($input: MachineUpdateInput!) {
    machineUpdate(input: $input) {
      __typename
      ... on MachineUpdateSuccess {
        machine {
          id
          name
          kind
          location
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

export type MachineChange = VariablesOf<typeof UpdateMachine>['input'];

/** Changes name, kind or location; answers null, or why it was refused. */
export function useUpdateMachine(): (input: MachineChange) => Promise<UserProblem | null> {
  const [, update] = useMutation(UpdateMachine);
  return async (input) => {
    const outcome = readOutcome(await update({ input }), (data) => data.machineUpdate);
    return outcome.ok ? null : outcome.problem;
  };
}
