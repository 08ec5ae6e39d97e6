import { graphql, type ResultOf } from '~/gql/graphql';

/** What a row of the list of agents shows. */
export const AgentRowAgent = graphql(`
  fragment AgentRowAgent on Agent {
    id
    name
    state
    platform
    version
    lastSeenAt
    stateSince
    intervalSeconds
    clockOffsetMs
    certificateExpiresAt
    buffer {
      bytes
      maxBytes
      depth
      oldestAt
    }
    uplink {
      state
      since
    }
    sources {
      name
      state
      since
    }
  }
`);

/** What the page of one agent shows. */
export const AgentDetailAgent = graphql(`
  fragment AgentDetailAgent on Agent {
    id
    name
    ownName
    state
    platform
    version
    apiKeyId
    startedAt
    firstSeenAt
    lastSeenAt
    stateSince
    intervalSeconds
    clockOffsetMs
    certificateExpiresAt
    machineCount
    machines(first: 100) {
      id
      name
    }
    uplink {
      state
      since
      lastError
      lastErrorAt
      lastPush
    }
    buffer {
      bytes
      maxBytes
      depth
      oldestAt
      setAside
    }
    sources {
      name
      protocol
      state
      since
      lastError
      lastErrorAt
      lastReading
      depth
      acknowledged
      dropped
      gaps
      deadLetters
      restarts
    }
  }
`);

export type AgentDetail = ResultOf<typeof AgentDetailAgent>;
export type AgentSource = AgentDetail['sources'][number];
