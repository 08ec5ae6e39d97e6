import { useQuery } from 'urql';
import { graphql } from '~/gql/graphql';
import { type ChannelType, ChannelTypeFields } from '../model/channelFragment';
import { offeredTypes } from '../model/typeWords';

const ChannelTypes = graphql(
  `
    query NotificationChannelTypes {
      notificationChannelTypes {
        ...ChannelTypeFields
      }
    }
  `,
  [ChannelTypeFields],
);

/** The types of channels that people can make, with their fields; null until the server has answered. */
export function useChannelTypes(): readonly ChannelType[] | null {
  const [{ data }] = useQuery({ query: ChannelTypes, requestPolicy: 'cache-first' });
  return data ? offeredTypes(data.notificationChannelTypes) : null;
}
