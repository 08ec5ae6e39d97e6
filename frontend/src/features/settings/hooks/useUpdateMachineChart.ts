import { useMutation } from 'urql';
import { graphql, type VariablesOf } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';

const UpdateMachineChart = graphql(`
  mutation UpdateMachineChart($input: MachineChartUpdateInput!) {
    machineChartUpdate(input: $input) {
      __typename
      ... on MachineChartUpdateSuccess {
        chart {
          machineId
          hasOwnSettings
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

type MachineChartChange = VariablesOf<typeof UpdateMachineChart>['input'];

/** Changes or drops a machine's own settings of the chart of it as a whole; answers null, or why it was refused. */
export function useUpdateMachineChart(): (input: MachineChartChange) => Promise<UserProblem | null> {
  const [, update] = useMutation(UpdateMachineChart);
  return async (input) => {
    const outcome = readOutcome(await update({ input }), (data) => data.machineChartUpdate);
    return outcome.ok ? null : outcome.problem;
  };
}
