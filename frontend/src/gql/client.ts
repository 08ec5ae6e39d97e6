import {
  type Client,
  type CombinedError,
  cacheExchange,
  createClient,
  fetchExchange,
  mapExchange,
} from '@urql/core';
import { endSession, getSession } from '~/lib/session';

/** True when the server said that the token is missing, expired or revoked. */
export function isUnauthenticated(error: CombinedError): boolean {
  return (
    error.response?.status === 401 ||
    error.graphQLErrors.some((item) => item.extensions.code === 'UNAUTHENTICATED')
  );
}

function requestHeaders(): Record<string, string> {
  const session = getSession();
  return {
    'X-Plantwright-Client': 'spa',
    ...(session ? { Authorization: `Bearer ${session.accessToken}` } : {}),
  };
}

/** The GraphQL client: shows what it knows at once and asks again on each visit. */
export function createGraphQLClient(url = '/graphql'): Client {
  return createClient({
    url,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: () => ({ headers: requestHeaders() }),
    exchanges: [
      cacheExchange,
      mapExchange({
        onError(error) {
          if (isUnauthenticated(error)) {
            endSession();
          }
        },
      }),
      fetchExchange,
    ],
  });
}
