import { graphql, type ResultOf } from '~/gql/graphql';

export const RouteFields = graphql(`
  fragment RouteFields on NotificationRoute @_unmask {
    id
    name
    isActive
    events
    severities
    sites
    machineIds
    channelIds
  }
`);

export type NotificationRoute = ResultOf<typeof RouteFields>;
