import { graphql, type ResultOf } from '~/gql/graphql';

export const DeliveryFields = graphql(`
  fragment DeliveryFields on NotificationDelivery @_unmask {
    id
    event
    status
    severity
    alertId
    subject
    detail
    attempts
    isTest
    dueAt
    createdAt
    finishedAt
    channel {
      id
      name
      type
      isPersonal
    }
  }
`);

export type Delivery = ResultOf<typeof DeliveryFields>;

export const DeliveryDetail = graphql(
  `
    fragment DeliveryDetail on NotificationDelivery @_unmask {
      ...DeliveryFields
      text
      attemptLog {
        number
        startedAt
        isDelivered
        status
        detail
        response
        latencyMs
      }
    }
  `,
  [DeliveryFields],
);

export type DeliveryWithAttempts = ResultOf<typeof DeliveryDetail>;
