import { useMutation } from 'urql';
import { graphql } from '~/gql/graphql';
import { readOutcome } from '~/gql/mutationResult';
import { startSession } from '~/lib/session';

const Login = graphql(`
  mutation Login($input: LoginInput!) {
    login(input: $input) {
      __typename
      ... on LoginSuccess {
        accessToken
        expiresAt
      }
      ... on InvalidCredentials {
        message
        path
      }
      ... on TooManyAttempts {
        message
        path
        retryAfterSeconds
      }
    }
  }
`);

export interface LoginRefusal {
  message: string;
  /** Set when the server asks to wait. */
  retryAt?: number;
}

interface Credentials {
  email: string;
  password: string;
}

/** Signs in; answers null, or why it was refused. */
export function useLogin(): (credentials: Credentials) => Promise<LoginRefusal | null> {
  const [, login] = useMutation(Login);
  return async (credentials) => {
    const result = await login({ input: credentials });
    const answer = result.data?.login;
    if (answer?.__typename === 'TooManyAttempts') {
      return {
        message: 'Too many attempts to sign in.',
        retryAt: Date.now() + answer.retryAfterSeconds * 1000,
      };
    }
    if (answer?.__typename === 'InvalidCredentials') {
      return { message: 'The email or the password is wrong. Check both and try again.' };
    }
    const outcome = readOutcome(result, (data) => data.login);
    if (!outcome.ok) {
      return { message: outcome.problem.message };
    }
    startSession({ accessToken: outcome.value.accessToken, expiresAt: outcome.value.expiresAt });
    return null;
  };
}
