import { useClient } from 'urql';
import { graphql, type ResultOf, type VariablesOf } from '~/gql/graphql';
import { type Outcome, readOutcome } from '~/gql/mutationResult';
import { type Channel, ChannelFields } from '../model/channelFragment';

const CreateChannel = graphql(
  `
    mutation CreateNotificationChannel($input: CreateNotificationChannelInput!) {
      createNotificationChannel(input: $input) {
        __typename
        ... on CreateNotificationChannelSuccess {
          channel {
            ...ChannelFields
          }
          signingSecret
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [ChannelFields],
);

const UpdateChannel = graphql(
  `
    mutation UpdateNotificationChannel($input: UpdateNotificationChannelInput!) {
      updateNotificationChannel(input: $input) {
        __typename
        ... on UpdateNotificationChannelSuccess {
          channel {
            ...ChannelFields
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [ChannelFields],
);

const DeleteChannel = graphql(`
  mutation DeleteNotificationChannel($input: DeleteNotificationChannelInput!) {
    deleteNotificationChannel(input: $input) {
      __typename
      ... on DeleteNotificationChannelSuccess {
        id
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const TestChannel = graphql(`
  mutation TestNotificationChannel($input: TestNotificationChannelInput!) {
    testNotificationChannel(input: $input) {
      __typename
      ... on TestNotificationChannelSuccess {
        isDelivered
        status
        detail
        latencyMs
        deliveryId
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const RotateSecret = graphql(`
  mutation RotateNotificationChannelSecret($input: RotateNotificationChannelSecretInput!) {
    rotateNotificationChannelSecret(input: $input) {
      __typename
      ... on RotateNotificationChannelSecretSuccess {
        signingSecret
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const ResendAll = graphql(`
  mutation ResendNotificationDeliveries($input: ResendNotificationDeliveriesInput!) {
    resendNotificationDeliveries(input: $input) {
      __typename
      ... on ResendNotificationDeliveriesSuccess {
        resent
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

type TestMember = ResultOf<typeof TestChannel>['testNotificationChannel'];
export type TestResult = Extract<TestMember, { __typename: 'TestNotificationChannelSuccess' }>;

interface ChannelMutations {
  create: (
    input: VariablesOf<typeof CreateChannel>['input'],
  ) => Promise<Outcome<{ channel: Channel; signingSecret: string | null }>>;
  update: (input: VariablesOf<typeof UpdateChannel>['input']) => Promise<Outcome<{ channel: Channel }>>;
  remove: (id: string) => Promise<Outcome<{ id: string }>>;
  test: (id: string) => Promise<Outcome<TestResult>>;
  rotate: (id: string) => Promise<Outcome<{ signingSecret: string }>>;
  resendAll: (id: string) => Promise<Outcome<{ resent: number }>>;
}

/** What can be done with a channel; each answers what came of it, or why it was refused. */
export function useChannelMutations(): ChannelMutations {
  const client = useClient();
  return {
    create: async (input) =>
      readOutcome(await client.mutation(CreateChannel, { input }), (data) => data.createNotificationChannel),
    update: async (input) =>
      readOutcome(await client.mutation(UpdateChannel, { input }), (data) => data.updateNotificationChannel),
    remove: async (id) =>
      readOutcome(
        await client.mutation(DeleteChannel, { input: { id } }),
        (data) => data.deleteNotificationChannel,
      ),
    test: async (id) =>
      readOutcome(
        await client.mutation(TestChannel, { input: { id } }),
        (data) => data.testNotificationChannel,
      ),
    rotate: async (id) =>
      readOutcome(
        await client.mutation(RotateSecret, { input: { id } }),
        (data) => data.rotateNotificationChannelSecret,
      ),
    resendAll: async (id) =>
      readOutcome(
        await client.mutation(ResendAll, { input: { channelId: id } }),
        (data) => data.resendNotificationDeliveries,
      ),
  };
}
