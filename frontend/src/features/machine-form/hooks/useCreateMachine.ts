import { useMutation } from 'urql';
import { graphql, type VariablesOf } from '~/gql/graphql';
import { type Outcome, readOutcome } from '~/gql/mutationResult';

const CreateMachine = graphql(`
  mutation CreateMachine($input: MachineCreateInput!) {
    machineCreate(input: $input) {
      __typename
      ... on MachineCreateSuccess {
        machine {
          id
          name
          identifier
          protocol
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

export type NewMachine = VariablesOf<typeof CreateMachine>['input'];

/** The machine as the server stored it. */
export interface CreatedMachine {
  id: string;
  name: string;
  identifier: string;
  protocol: NewMachine['protocol'];
}

/** Registers a machine; answers it, or why it was refused. */
export function useCreateMachine(): (input: NewMachine) => Promise<Outcome<CreatedMachine>> {
  const [, create] = useMutation(CreateMachine);
  return async (input) => {
    const outcome = readOutcome(await create({ input }), (data) => data.machineCreate);
    return outcome.ok ? { ok: true, value: outcome.value.machine } : outcome;
  };
}
