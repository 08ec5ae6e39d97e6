import { useClient } from 'urql';
import { graphql } from '~/gql/graphql';
import { type Outcome, readOutcome } from '~/gql/mutationResult';
import { createPolicy, PolicyFields, type PolicyInput } from '../model/policy';

const updatePolicy = graphql(
  `
    mutation UpdateEscalationPolicy($input: EscalationPolicyUpdateInput!) {
      escalationPolicyUpdate(input: $input) {
        __typename
        ... on EscalationPolicyUpdateSuccess {
          policy {
            ...PolicyFields
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [PolicyFields],
);

const deletePolicy = graphql(`
  mutation DeleteEscalationPolicy($input: EscalationPolicyDeleteInput!) {
    escalationPolicyDelete(input: $input) {
      __typename
      ... on EscalationPolicyDeleteSuccess {
        id
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

export interface PolicyMutations {
  create: (input: PolicyInput) => Promise<Outcome<unknown>>;
  update: (id: string, expectedVersion: number, input: PolicyInput) => Promise<Outcome<unknown>>;
  remove: (id: string) => Promise<Outcome<unknown>>;
}

/** Changes of policies; each answers what came of it, or why it was refused. */
export function usePolicyMutations(): PolicyMutations {
  const client = useClient();
  return {
    create: async (input) =>
      readOutcome(await client.mutation(createPolicy, { input }), (data) => data.escalationPolicyCreate),
    update: async (id, expectedVersion, input) =>
      readOutcome(
        await client.mutation(updatePolicy, { input: { ...input, id, expectedVersion } }),
        (data) => data.escalationPolicyUpdate,
      ),
    remove: async (id) =>
      readOutcome(
        await client.mutation(deletePolicy, { input: { id } }),
        (data) => data.escalationPolicyDelete,
      ),
  };
}
