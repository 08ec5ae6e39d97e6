import { useClient, useMutation } from 'urql';
import { graphql } from '~/gql/graphql';
import { endSession } from '~/lib/session';

const Logout = graphql(`
  mutation Logout {
    logout {
      __typename
    }
  }
`);

/** A push service or a server that does not answer does not keep anybody signed in. */
const longestMilliseconds = 3_000;

/** Ends the session on the server when it answers, and in this tab in any case; this browser tells nothing any more. */
export function useSignOut(): () => Promise<void> {
  const client = useClient();
  const [, logout] = useMutation(Logout);
  return async () => {
    const forgotten = import('~/features/notifications/model/forgetBrowser')
      .then(({ forgetBrowser }) => forgetBrowser(client))
      // The page may be older than what the server has: signing out goes on.
      .catch(() => undefined);
    await Promise.race([forgotten, new Promise((resolve) => setTimeout(resolve, longestMilliseconds))]);
    await logout({});
    endSession();
  };
}
