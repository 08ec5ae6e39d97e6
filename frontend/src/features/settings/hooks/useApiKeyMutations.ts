import { useMutation } from 'urql';
import { graphql } from '~/gql/graphql';
import { type Outcome, readOutcome, type UserProblem } from '~/gql/mutationResult';

const CreateApiKey = graphql(`
  mutation CreateApiKey($input: ApiKeyCreateInput!) {
    apiKeyCreate(input: $input) {
      __typename
      ... on ApiKeyCreateSuccess {
        plaintextKey
        apiKey {
          id
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const RevokeApiKey = graphql(`
  mutation RevokeApiKey($input: ApiKeyRevokeInput!) {
    apiKeyRevoke(input: $input) {
      __typename
      ... on ApiKeyRevokeSuccess {
        apiKey {
          id
          revokedAt
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

export interface CreatedKey {
  plaintextKey: string;
  apiKey: { id: string };
}

/** Creates an API key for an agent; the answer holds the key's text, which the server never shows again. */
export function useCreateApiKey(): (name: string) => Promise<Outcome<CreatedKey>> {
  const [, create] = useMutation(CreateApiKey);
  return async (name) => readOutcome(await create({ input: { name } }), (data) => data.apiKeyCreate);
}

/** Revokes an API key for good; answers null, or why it was refused. */
export function useRevokeApiKey(): (id: string) => Promise<UserProblem | null> {
  const [, revoke] = useMutation(RevokeApiKey);
  return async (id) => {
    const outcome = readOutcome(await revoke({ input: { id } }), (data) => data.apiKeyRevoke);
    return outcome.ok ? null : outcome.problem;
  };
}
