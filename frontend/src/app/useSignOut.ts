import { useMutation } from 'urql';
import { graphql } from '~/gql/graphql';
import { endSession } from '~/lib/session';

const Logout = graphql(`
  mutation Logout {
    logout {
      __typename
    }
  }
`);

/** Ends the session on the server when it answers, and in this tab in any case. */
export function useSignOut(): () => Promise<void> {
  const [, logout] = useMutation(Logout);
  return async () => {
    await logout({});
    endSession();
  };
}
