import { useCallback, useEffect, useState } from 'react';
import { type CombinedError, useClient } from 'urql';
import { graphql, type ResultOf } from '~/gql/graphql';
import { type Outcome, readOutcome } from '~/gql/mutationResult';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { browserName, currentSubscription, subscribeBrowser, subscriptionInput } from '../model/browserPush';

const PushSetup = graphql(`
  query PushSetup {
    pushSetup {
      vapidPublicKey
      browsers {
        id
        name
        endpoint
        createdAt
        lastSuccessAt
        lastError
      }
    }
  }
`);

const Subscribe = graphql(`
  mutation PushSubscribe($input: PushSubscribeInput!) {
    pushSubscribe(input: $input) {
      __typename
      ... on PushSubscribeSuccess {
        browser {
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

const Unsubscribe = graphql(`
  mutation PushUnsubscribe($input: PushUnsubscribeInput!) {
    pushUnsubscribe(input: $input) {
      __typename
      ... on PushUnsubscribeSuccess {
        removed
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const Test = graphql(`
  mutation PushTest($input: PushTestInput!) {
    pushTest(input: $input) {
      __typename
      ... on PushTestSuccess {
        isDelivered
        detail
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

export type PushBrowser = ResultOf<typeof PushSetup>['pushSetup']['browsers'][number];

interface Push {
  browsers: readonly PushBrowser[] | undefined;
  error: CombinedError | undefined;
  refetch: () => void;
  /** Where this browser is subscribed, or null. */
  endpoint: string | null;
  subscribe: () => Promise<Outcome<unknown>>;
  unsubscribe: (endpoint: string) => Promise<Outcome<unknown>>;
  test: (id: string) => Promise<Outcome<{ isDelivered: boolean; detail: string }>>;
}

/** One's own browsers that show notifications, this one among them or not. */
export function usePush(): Push {
  const client = useClient();
  const [{ data, error }, execute] = useLastingQuery({ query: PushSetup, requestPolicy: 'network-only' });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  const [endpoint, setEndpoint] = useState<string | null>(null);
  useEffect(() => {
    void currentSubscription().then((found) => setEndpoint(found?.endpoint ?? null));
  }, []);
  const subscribe = async (): Promise<Outcome<unknown>> => {
    try {
      const made = await subscribeBrowser(data?.pushSetup.vapidPublicKey ?? '');
      const input = subscriptionInput(made, browserName(navigator.userAgent));
      const outcome = readOutcome(
        await client.mutation(Subscribe, { input }),
        (answer) => answer.pushSubscribe,
      );
      setEndpoint(made.endpoint);
      refetch();
      return outcome;
    } catch (failure) {
      const message = failure instanceof Error ? failure.message : String(failure);
      return { ok: false, problem: { kind: 'Browser', message, path: [] } };
    }
  };
  const unsubscribe = async (one: string): Promise<Outcome<unknown>> => {
    const result = await client.mutation(Unsubscribe, { input: { endpoint: one } });
    const outcome = readOutcome(result, (answer) => answer.pushUnsubscribe);
    if (one === endpoint) {
      await (await currentSubscription())?.unsubscribe();
      setEndpoint(null);
    }
    refetch();
    return outcome;
  };
  return {
    browsers: data?.pushSetup.browsers,
    error,
    refetch,
    endpoint,
    subscribe,
    unsubscribe,
    test: async (id) =>
      readOutcome(await client.mutation(Test, { input: { id } }), (answer) => answer.pushTest),
  };
}
