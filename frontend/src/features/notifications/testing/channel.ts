export function channelStatus(part: Record<string, unknown> = {}) {
  return {
    __typename: 'NotificationChannelStatus',
    lastSuccessAt: null,
    lastError: null,
    lastErrorAt: null,
    failures: 0,
    failingSince: null,
    pausedUntil: null,
    disabledReason: null,
    ...part,
  };
}

export function channelNode(part: Record<string, unknown> = {}) {
  return {
    __typename: 'NotificationChannel' as const,
    id: 'channel-1',
    name: 'Shift desk',
    type: 'webhook',
    config: { url: 'https://desk.example/hook' },
    hasSecrets: true,
    isActive: true,
    language: 'EN' as const,
    ratePerMinute: 30,
    keepsOrder: false,
    maxHoldMinutes: 60,
    undelivered: 0,
    status: channelStatus(),
    ...part,
  };
}

function field(name: string, part: Record<string, unknown> = {}) {
  return {
    __typename: 'NotificationChannelField' as const,
    name,
    kind: 'TEXT' as const,
    choices: [] as string[],
    isRequired: false,
    isSecret: false,
    default: null,
    ...part,
  };
}

export const webhookType = {
  __typename: 'NotificationChannelType' as const,
  type: 'webhook',
  fields: [
    field('url', { isRequired: true }),
    field('headers', { kind: 'TEXTS', isSecret: true, default: {} }),
  ],
};

export const mqttType = {
  __typename: 'NotificationChannelType' as const,
  type: 'mqtt',
  fields: [
    field('host', { isRequired: true }),
    field('port', { kind: 'NUMBER' }),
    field('is_tls', { kind: 'SWITCH', default: true }),
    field('password', { isSecret: true }),
  ],
};

export const pushType = { __typename: 'NotificationChannelType' as const, type: 'web_push', fields: [] };
