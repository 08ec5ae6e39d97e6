export function agentSourceNode(part: Record<string, unknown> = {}) {
  return {
    __typename: 'AgentSource',
    name: 'press-plc',
    protocol: 'opcua',
    state: 'OK',
    since: '2026-01-01T08:00:00Z',
    lastError: null,
    lastErrorAt: null,
    lastReading: '2026-01-01T12:00:00Z',
    depth: 0,
    acknowledged: 91_200,
    dropped: 0,
    gaps: 0,
    deadLetters: 0,
    restarts: 0,
    ...part,
  };
}

/** An agent as the API describes it, with all that any page asks for. */
export function agentNode(part: Record<string, unknown> = {}) {
  return {
    __typename: 'Agent',
    id: 'agent-1',
    name: 'hall-1',
    ownName: 'hall-1',
    state: 'ONLINE',
    platform: 'Linux 6.1.0 x86_64, Python 3.11.7',
    version: '0.10.0',
    apiKeyId: 'key-1',
    startedAt: '2026-01-01T08:00:00Z',
    firstSeenAt: '2026-01-01T08:00:00Z',
    lastSeenAt: new Date().toISOString(),
    stateSince: '2026-01-01T08:00:00Z',
    intervalSeconds: 60,
    clockOffsetMs: 12,
    certificateExpiresAt: null,
    machineCount: 0,
    machines: [],
    uplink: {
      __typename: 'AgentUplink',
      state: 'OK',
      since: '2026-01-01T08:00:00Z',
      lastError: null,
      lastErrorAt: null,
      lastPush: '2026-01-01T12:00:00Z',
    },
    buffer: {
      __typename: 'AgentBuffer',
      bytes: 40_960,
      maxBytes: 500_000_000,
      depth: 0,
      oldestAt: null,
      setAside: null,
    },
    sources: [agentSourceNode()],
    ...part,
  };
}
