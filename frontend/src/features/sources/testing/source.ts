/** What the server says of itself where it reads devices. */
export const openSetup = {
  __typename: 'IngestSourceSetup',
  isOpen: true,
  message: null,
  maxSources: 50,
  maxTags: 1000,
};

export function status(part: Record<string, unknown> = {}) {
  return {
    __typename: 'IngestSourceStatus',
    state: 'OK',
    since: '2026-02-01T12:00:00Z',
    lastError: null,
    lastErrorAt: null,
    lastReadingAt: '2026-02-01T12:00:05Z',
    readings: 120,
    gaps: 0,
    restarts: 0,
    ...part,
  };
}

export function tagNode(part: Record<string, unknown> = {}) {
  return {
    __typename: 'TagMapping',
    tag: 'ns=2;s=Temp',
    metricName: 'temperature',
    unit: 'celsius',
    scale: 1,
    offset: 0,
    isEnabled: true,
    dataType: null,
    wordOrder: null,
    byteOrder: null,
    lastValue: 61.5,
    lastQuality: 0,
    lastValueAt: '2026-02-01T12:00:05Z',
    ...part,
  };
}

export const fingerprint = 'ab'.repeat(32);

export function sourceNode(part: Record<string, unknown> = {}) {
  return {
    __typename: 'IngestSource',
    id: 'source-1',
    name: 'Press OPC UA',
    protocol: 'OPC_UA',
    address: 'opc.tcp://press:4840',
    isPaused: false,
    pollIntervalSeconds: 5,
    version: 3,
    machine: { __typename: 'Machine', id: 'machine-1', name: 'Press', identifier: 'PRESS-1' },
    status: status(),
    opcUa: {
      __typename: 'OpcUaSettings',
      endpointUrl: 'opc.tcp://press:4840',
      securityMode: 'SIGN_AND_ENCRYPT',
      securityPolicy: 'BASIC256_SHA256',
      username: 'reader',
      hasPassword: true,
      userCertificateFingerprint: null,
      serverFingerprint: null,
      mode: 'POLL',
      timeoutSeconds: 4,
    },
    modbusTcp: null,
    tags: [tagNode()],
    gaps: [],
    updatedAt: '2026-02-01T12:00:00Z',
    updatedBy: null,
    ...part,
  };
}
