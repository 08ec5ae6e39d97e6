import { securityPolicyWords } from '~/features/sources/model/connection';
import { toTagInput } from '~/features/sources/model/tagDraft';
import { type AgentDevice, agentSourceName, agentSourceTable, passwordVariable } from '~/lib/agentSource';
import { toToml, toYaml } from '~/lib/configText';
import type { ConnectDraft } from './draft';

const modeWords = { SIGN_AND_ENCRYPT: 'SignAndEncrypt', SIGN: 'Sign', NONE: 'None' } as const;

function deviceOf({ protocol, connection, file }: ConnectDraft): AgentDevice {
  switch (protocol) {
    case 'OPC_UA':
      return {
        protocol: 'opcua',
        endpoint: connection.endpointUrl.trim(),
        securityMode: modeWords[connection.securityMode],
        securityPolicy: securityPolicyWords[connection.securityPolicy],
        username: connection.username.trim(),
        mode: connection.mode === 'POLL' ? 'poll' : 'subscribe',
        pollInterval: Number(connection.pollIntervalSeconds),
        timeout: Number(connection.timeoutSeconds),
      };
    case 'MODBUS_TCP':
      return {
        protocol: 'modbus',
        host: connection.host.trim(),
        port: Number(connection.port),
        unitId: Number(connection.unitId),
        pollInterval: Number(connection.pollIntervalSeconds),
        timeout: Number(connection.timeoutSeconds),
        maxRequestsPerSecond: connection.maxRequestsPerSecond.trim()
          ? Number(connection.maxRequestsPerSecond)
          : null,
        requestPause: Number(connection.requestPauseSeconds),
        maxRegisters: Number(connection.maxRegisters),
        maxGap: Number(connection.maxGap),
      };
    case 'CSV':
      return { protocol: 'csv', ...file, path: file.path.trim(), timeColumn: file.timeColumn.trim() };
    case 'JSON':
      return { protocol: 'json', path: file.path.trim(), timeKey: file.timeColumn.trim() };
  }
}

export interface AgentFile {
  sourceName: string;
  yaml: string;
  toml: string;
  /** The variable that holds the password; null when none is needed. */
  passwordVariable: string | null;
}

/** What an agent needs to read the machine, in both forms that it takes. */
export function agentFileOf(draft: ConnectDraft): AgentFile {
  const identifier = draft.machine?.identifier ?? '';
  const sourceName = agentSourceName(identifier);
  const tags = draft.tags.filter(({ isEnabled }) => isEnabled).map(toTagInput);
  const table = agentSourceTable(
    sourceName,
    identifier,
    deviceOf(draft),
    tags.map((tag) => ({ ...tag, unit: tag.unit ?? '', scale: tag.scale ?? 1, offset: tag.offset ?? 0 })),
  );
  const hasUser = draft.protocol === 'OPC_UA' && draft.connection.username.trim() !== '';
  return {
    sourceName,
    yaml: toYaml(table),
    toml: toToml(['source'], table, true),
    passwordVariable: hasUser ? passwordVariable(sourceName) : null,
  };
}
