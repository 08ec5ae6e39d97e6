import { useCallback } from 'react';
import { type CombinedError, useClient } from 'urql';
import { graphql } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { DeliveryDetail, type DeliveryWithAttempts } from '../model/deliveryFragment';
import { useDeliveryEvents } from './useDeliveryEvents';

const OneDelivery = graphql(
  `
    query NotificationDelivery($id: ID!) {
      notificationDelivery(id: $id) {
        ...DeliveryDetail
      }
    }
  `,
  [DeliveryDetail],
);

const Resend = graphql(`
  mutation ResendNotificationDelivery($input: ResendNotificationDeliveryInput!) {
    resendNotificationDelivery(input: $input) {
      __typename
      ... on ResendNotificationDeliverySuccess {
        delivery {
          id
          status
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

interface OneDeliveryState {
  /** Undefined until the server has answered, null when there is none. */
  delivery: DeliveryWithAttempts | null | undefined;
  error: CombinedError | undefined;
  refetch: () => void;
  resend: () => Promise<UserProblem | null>;
}

/** One message with every attempt, as it is now. */
export function useDelivery(id: string): OneDeliveryState {
  const client = useClient();
  const [{ data, error }, execute] = useLastingQuery({
    query: OneDelivery,
    variables: { id },
    requestPolicy: 'network-only',
  });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useDeliveryEvents(refetch);
  const resend = async (): Promise<UserProblem | null> => {
    const result = await client.mutation(Resend, { input: { id } });
    const outcome = readOutcome(result, (answer) => answer.resendNotificationDelivery);
    refetch();
    return outcome.ok ? null : outcome.problem;
  };
  return { delivery: data?.notificationDelivery, error, refetch, resend };
}
