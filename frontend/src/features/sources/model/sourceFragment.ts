import { graphql, type ResultOf } from '~/gql/graphql';

/** A source as the list shows it. */
export const SourceSummary = graphql(`
  fragment SourceSummary on IngestSource @_unmask {
    id
    name
    protocol
    address
    isPaused
    pollIntervalSeconds
    version
    machine {
      id
      name
      identifier
    }
    status {
      state
      since
      lastError
      lastErrorAt
      lastReadingAt
      readings
      gaps
      restarts
    }
  }
`);

/** The connection and the tags of a source; no password ever comes along. */
export const SourceDetail = graphql(
  `
    fragment SourceDetail on IngestSource @_unmask {
      ...SourceSummary
      opcUa {
        endpointUrl
        securityMode
        securityPolicy
        username
        hasPassword
        userCertificateFingerprint
        serverFingerprint
        mode
        timeoutSeconds
      }
      modbusTcp {
        host
        port
        unitId
        timeoutSeconds
        maxRequestsPerSecond
        requestPauseSeconds
        maxRegisters
        maxGap
      }
      tags {
        tag
        metricName
        unit
        scale
        offset
        isEnabled
        dataType
        wordOrder
        byteOrder
        lastValue
        lastQuality
        lastValueAt
      }
      gaps {
        tag
        reason
        startedAt
        endedAt
        count
      }
      updatedAt
      updatedBy {
        id
        fullName
      }
    }
  `,
  [SourceSummary],
);

export type Source = ResultOf<typeof SourceSummary>;
export type SourceWithTags = ResultOf<typeof SourceDetail>;
export type TagMapping = SourceWithTags['tags'][number];
export type SourceState = Source['status']['state'];
export type SourceProtocol = Source['protocol'];

/** Whether the server reads devices, and with which certificate. */
export const SetupFields = graphql(`
  fragment SetupFields on IngestSourceSetup @_unmask {
    isOpen
    message
    maxSources
    maxTags
  }
`);
