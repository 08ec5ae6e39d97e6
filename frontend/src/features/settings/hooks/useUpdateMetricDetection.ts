import { useMutation } from 'urql';
import { graphql, type VariablesOf } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';

const UpdateMetricDetection = graphql(`
  mutation UpdateMetricDetection($input: MetricDetectionUpdateInput!) {
    metricDetectionUpdate(input: $input) {
      __typename
      ... on MetricDetectionUpdateSuccess {
        metric {
          id
          hasOwnDetection
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

type MetricDetectionChange = VariablesOf<typeof UpdateMetricDetection>['input'];

/** Changes or drops a metric's own detection settings; answers null, or why it was refused. */
export function useUpdateMetricDetection(): (input: MetricDetectionChange) => Promise<UserProblem | null> {
  const [, update] = useMutation(UpdateMetricDetection);
  return async (input) => {
    const outcome = readOutcome(await update({ input }), (data) => data.metricDetectionUpdate);
    return outcome.ok ? null : outcome.problem;
  };
}
