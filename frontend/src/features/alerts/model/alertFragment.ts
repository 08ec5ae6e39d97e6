import { graphql } from '~/gql/graphql';

/** What a row of an alert list shows. */
export const AlertRowAlert = graphql(`
  fragment AlertRowAlert on Alert {
    id
    metric
    unit
    cause
    severity
    state
    message
    value
    occurrences
    raisedAt
    lastSeenAt
    clearedAt
    acknowledgedAt
    acknowledgeNote
    outcome
    acknowledgedBy {
      id
      fullName
    }
    machine {
      id
      name
    }
    agent {
      id
      name
    }
    site
    groupId
    isFirstOut
    groupSize
    suppression
    designReasons
    shelvedUntil
    shelf {
      id
      state
      reason
      requestedBy {
        id
        fullName
      }
    }
    outOfService {
      id
      reason
      metric
      until
    }
    assignee {
      id
      fullName
    }
    chatters
    fleetings
    isStale
    workOrder {
      id
      number
    }
  }
`);
