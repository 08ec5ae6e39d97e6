import { graphql, type ResultOf } from '~/gql/graphql';

export const ChannelFields = graphql(`
  fragment ChannelFields on NotificationChannel @_unmask {
    id
    name
    type
    config
    hasSecrets
    isActive
    language
    ratePerMinute
    keepsOrder
    maxHoldMinutes
    undelivered
    status {
      lastSuccessAt
      lastError
      lastErrorAt
      failures
      failingSince
      pausedUntil
      disabledReason
    }
  }
`);

export type Channel = ResultOf<typeof ChannelFields>;

export const ChannelTypeFields = graphql(`
  fragment ChannelTypeFields on NotificationChannelType @_unmask {
    type
    fields {
      name
      kind
      choices
      isRequired
      isSecret
      default
    }
  }
`);

export type ChannelType = ResultOf<typeof ChannelTypeFields>;
export type ChannelField = ChannelType['fields'][number];
