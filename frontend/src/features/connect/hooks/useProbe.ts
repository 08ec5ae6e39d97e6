import { useState } from 'react';
import { useClient } from 'urql';
import { graphql, type ResultOf, type VariablesOf } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';

const RegisterFields = graphql(`
  fragment RegisterFields on ProbedRegister @_unmask {
    address
    value
    problem
  }
`);

const ProbeIngestSource = graphql(
  `
    mutation ProbeIngestSource($input: ProbeIngestSourceInput!) {
      probeIngestSource(input: $input) {
        __typename
        ... on ProbeIngestSourceSuccess {
          registers {
            ...RegisterFields
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [RegisterFields],
);

export type Register = ResultOf<typeof RegisterFields>;
export type ProbeInput = VariablesOf<typeof ProbeIngestSource>['input'];

/** What is at a range of Modbus addresses. */
export function useProbe() {
  const client = useClient();
  const [registers, setRegisters] = useState<readonly Register[] | null>(null);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isRunning, setIsRunning] = useState(false);
  const run = async (input: ProbeInput): Promise<void> => {
    setIsRunning(true);
    const outcome = readOutcome(
      await client.mutation(ProbeIngestSource, { input }),
      (data) => data.probeIngestSource,
    );
    setIsRunning(false);
    setProblem(outcome.ok ? null : outcome.problem);
    setRegisters(outcome.ok ? outcome.value.registers : null);
  };
  return { registers, problem, isRunning, run };
}
