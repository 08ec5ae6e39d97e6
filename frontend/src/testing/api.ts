import { graphql, HttpResponse } from 'msw';
import { apiUrl } from './renderPage';

export const api = graphql.link(apiUrl);

export const session = { accessToken: 'token', expiresAt: '2999-01-01T00:00:00Z' };

export function alertNode(part: Record<string, unknown> = {}) {
  return {
    __typename: 'Alert',
    id: 'alert-1',
    metric: 'vibration_rms',
    unit: 'mm/s',
    cause: 'STATIC_BASELINE',
    severity: 'CRITICAL',
    state: 'ACTIVE_UNACKNOWLEDGED',
    message: 'Vibration RMS 3.79 mm/s is 11.5 standard deviations above its mean',
    value: 3.79,
    occurrences: 2,
    raisedAt: '2026-01-01T12:00:00Z',
    lastSeenAt: '2026-01-01T12:00:00Z',
    clearedAt: null,
    acknowledgedAt: null,
    acknowledgeNote: null,
    outcome: null,
    acknowledgedBy: null,
    machine: { __typename: 'Machine', id: 'machine-1', name: 'Cooling water pump 1' },
    agent: null,
    workOrder: null,
    site: 'Hall 1',
    groupId: 'alert-1',
    isFirstOut: true,
    groupSize: 1,
    suppression: [],
    designReasons: [],
    shelvedUntil: null,
    shelf: null,
    outOfService: null,
    assignee: null,
    chatters: 0,
    fleetings: 0,
    isStale: false,
    ...part,
  };
}

export function connection(nodes: unknown[]) {
  return { nodes, totalCount: nodes.length, pageInfo: { hasNextPage: false, endCursor: null } };
}

/** What the frame around each page asks for. */
export function frameHandlers(role = 'OPERATOR') {
  const count = { totalCount: 0 };
  return [
    api.query('Viewer', () =>
      HttpResponse.json({
        data: {
          viewer: {
            user: {
              __typename: 'User',
              id: 'user-1',
              email: 'o@example.org',
              fullName: 'Olga Operator',
              role,
            },
            tenant: { __typename: 'Tenant', id: 'tenant-1', name: 'Northfield' },
          },
        },
      }),
    ),
    api.query('AlarmCounts', () =>
      HttpResponse.json({
        data: { CRITICAL: { totalCount: 1 }, WARNING: count, INFO: count, unacknowledged: { totalCount: 1 } },
      }),
    ),
    api.query('OfflineAfter', () => HttpResponse.json({ data: { settings: { offlineAfterSeconds: 60 } } })),
    api.query('AlertEscalations', () => HttpResponse.json({ data: { escalations: [] } })),
    api.mutation('OpenAlert', () =>
      HttpResponse.json({ data: { alertOpen: { __typename: 'AlertOpenSuccess' } } }),
    ),
    api.query('MachineNames', () => HttpResponse.json({ data: { machines: { nodes: [] } } })),
    api.query('AlertSites', () => HttpResponse.json({ data: { alertSites: [] } })),
    api.query('AlertFloods', () => HttpResponse.json({ data: { alertFloods: [] } })),
    api.query('OutOfServiceNow', () => HttpResponse.json({ data: { outOfService: [] } })),
    api.query('RunningOfMachine', () => HttpResponse.json({ data: { runningCondition: null } })),
    api.query('AgentNames', () => HttpResponse.json({ data: { agents: { nodes: [] } } })),
  ];
}
