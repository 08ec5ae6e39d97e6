import { useEffect, useRef } from 'react';
import { graphql, type ResultOf } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { useSocket } from '~/gql/SocketContext';
import { openStream } from '~/gql/stream';
import { type ConnectionPages, useConnectionPages } from '~/gql/useConnectionPages';
import { readWords } from '~/lib/searchParams';
import { createThrottle } from '~/lib/throttle';
import { actionAreas } from '../model/actions';
import { type AuditSearch, dayBoundary } from '../model/search';

const AuditTrail = graphql(`
  query AuditTrail($first: Int!, $after: String, $filter: AuditRecordFilter) {
    auditRecords(first: $first, after: $after, filter: $filter) {
      nodes {
        sequence
        previousHash
        rowHash
        actorName
        action
        resourceType
        resourceId
        payload
        createdAt
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

const AuditEvents = graphql(`
  subscription AuditEvents($since: BigInt) {
    auditRecords(since: $since) {
      sequence
    }
  }
`);

export type AuditItem = ResultOf<typeof AuditTrail>['auditRecords']['nodes'][number];

const pageSize = 50;
const refetchEveryMs = 1000;

function useNewRecords(refetch: () => void): void {
  const socket = useSocket();
  const latest = useRef(refetch);
  latest.current = refetch;
  useEffect(() => {
    if (!socket) {
      return;
    }
    let since: number | undefined;
    const throttle = createThrottle(() => latest.current(), refetchEveryMs);
    const stop = openStream(socket, {
      document: AuditEvents,
      variables: () => ({ since }),
      onData: ({ auditRecords }) => {
        since = auditRecords.sequence;
        throttle.call();
      },
    });
    return () => {
      stop();
      throttle.cancel();
    };
  }, [socket]);
}

/** The records that match, newest first, with new ones as they are written. */
export function useAuditTrail(search: AuditSearch): ConnectionPages<AuditItem> {
  const areas = readWords(search.area, actionAreas);
  const pages = useConnectionPages({
    document: AuditTrail,
    variables: {
      first: pageSize,
      filter: {
        actionPrefix: areas.length > 0 ? areas.map((area) => `${area}.`) : null,
        machineId: search.machine ?? null,
        from: dayBoundary(search.from, 'begin'),
        to: dayBoundary(search.to, 'end'),
      },
    },
    pick: (data) => data.auditRecords,
  });
  useNewRecords(pages.refetch);
  useLiveRefetch(() => false, pages.refetch);
  return pages;
}
