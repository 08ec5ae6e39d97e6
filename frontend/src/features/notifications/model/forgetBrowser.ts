import type { Client } from 'urql';
import { graphql } from '~/gql/graphql';
import { currentSubscription } from './browserPush';

const Unsubscribe = graphql(`
  mutation PushUnsubscribeAtSignOut($input: PushUnsubscribeInput!) {
    pushUnsubscribe(input: $input) {
      __typename
    }
  }
`);

/**
 * Whoever signs out is told nothing in this browser any more: the server forgets its address, then the browser does.
 * Each is tried whatever becomes of the other, and nothing is thrown: a sign-out does not fail over it.
 */
export async function forgetBrowser(client: Client): Promise<void> {
  const subscription = await currentSubscription().catch(() => null);
  if (!subscription) {
    return;
  }
  const { endpoint } = subscription;
  await Promise.allSettled([
    client.mutation(Unsubscribe, { input: { endpoint } }).toPromise(),
    subscription.unsubscribe(),
  ]);
}
