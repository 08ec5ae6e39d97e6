import type { ConfigTable } from './configText';

/** How an agent reaches what it reads; no password, which stands in the environment of the agent. */
export type AgentDevice =
  | {
      protocol: 'opcua';
      endpoint: string;
      securityMode: 'None' | 'Sign' | 'SignAndEncrypt';
      securityPolicy: string;
      username: string;
      /** Left out, as all that follows in each of these: what the agent takes anyway. */
      mode?: 'poll' | 'subscribe';
      pollInterval?: number;
      timeout?: number;
    }
  | {
      protocol: 'modbus';
      host: string;
      port: number;
      unitId: number;
      pollInterval: number;
      timeout?: number;
      maxRequestsPerSecond?: number | null;
      requestPause?: number;
      maxRegisters?: number;
      maxGap?: number;
    }
  | { protocol: 'csv'; path: string; timeColumn: string; delimiter: string; decimal: string }
  | { protocol: 'json'; path: string; timeKey: string };

/** A value and where it goes: metric = raw × scale + offset. Words of the API where they are of Modbus. */
export interface AgentTag {
  tag: string;
  metricName: string;
  unit: string;
  scale: number;
  offset: number;
  dataType?: string | null;
  wordOrder?: string | null;
  byteOrder?: string | null;
}

const registerForm =
  /^(?:(\d{1,3})\/)?(coil|discrete|holding|input):(\d{1,5})(?:\.(\d{1,2})(?:-(\d{1,2}))?)?$/;
const longestName = 64;

/** A name that an agent takes for a source, made of a machine's identifier. */
export function agentSourceName(identifier: string): string {
  const name = identifier.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return name.slice(0, longestName) || 'machine';
}

/** The variable that gives the agent the password of a source. */
export function passwordVariable(sourceName: string): string {
  return `PLANTWRIGHT_AGENT__SOURCE__${sourceName.toUpperCase().replace(/[^A-Z0-9]/g, '_')}__OPCUA__PASSWORD`;
}

/** One `[[source]]` of the agent's configuration, or one file of its `sources.d`. */
export function agentSourceTable(
  name: string,
  machineIdentifier: string,
  device: AgentDevice,
  tags: readonly AgentTag[],
): ConfigTable {
  return {
    name,
    machine_identifier: machineIdentifier,
    protocol: device.protocol,
    [device.protocol]: deviceTable(device, tags),
  };
}

function deviceTable(device: AgentDevice, tags: readonly AgentTag[]): ConfigTable {
  switch (device.protocol) {
    case 'opcua':
      return {
        endpoint: device.endpoint,
        security_mode: device.securityMode,
        security_policy: device.securityMode === 'None' ? undefined : device.securityPolicy,
        username: device.username || undefined,
        timeout: unless(device.timeout, 4),
        mode: device.mode,
        ...intervalOf(device),
        nodes: tags.map((tag) => ({ node_id: tag.tag, ...valueTable(tag) })),
      };
    case 'modbus':
      return {
        host: device.host,
        port: device.port,
        unit_id: device.unitId,
        poll_interval: device.pollInterval,
        timeout: unless(device.timeout, 3),
        max_requests_per_second: device.maxRequestsPerSecond ?? undefined,
        request_pause: unless(device.requestPause, 0),
        max_registers: unless(device.maxRegisters, 125),
        max_gap: unless(device.maxGap, 0),
        registers: tags.map((tag) => ({ ...registerTable(tag), ...valueTable(tag) })),
      };
    case 'csv':
      return {
        path: device.path,
        delimiter: device.delimiter,
        decimal: device.decimal === '.' ? undefined : device.decimal,
        time_column: device.timeColumn,
        metrics: columnTables(tags),
      };
    case 'json':
      return { path: device.path, time_key: device.timeKey, metrics: columnTables(tags) };
  }
}

function columnTables(tags: readonly AgentTag[]): ConfigTable {
  return Object.fromEntries(tags.map((tag) => [tag.tag, valueTable(tag)]));
}

function intervalOf({ mode, pollInterval }: { mode?: string; pollInterval?: number }): ConfigTable {
  if (mode === 'poll') {
    return { poll_interval: pollInterval };
  }
  return { publishing_interval_ms: pollInterval === undefined ? undefined : pollInterval * 1000 };
}

/** What the agent takes anyway is left out. */
function unless(value: number | undefined, usual: number): number | undefined {
  return value === usual ? undefined : value;
}

function valueTable({ metricName, unit, scale, offset }: AgentTag): ConfigTable {
  return {
    metric_name: metricName,
    unit: unit || undefined,
    scale: unless(scale, 1),
    offset: unless(offset, 0),
  };
}

function registerTable({ tag, dataType, wordOrder, byteOrder }: AgentTag): ConfigTable {
  const found = registerForm.exec(tag);
  const isBit = found?.[2] === 'coil' || found?.[2] === 'discrete';
  const place: ConfigTable = found
    ? {
        address: Number(found[3]),
        register_type: found[2],
        unit_id: found[1] === undefined ? undefined : Number(found[1]),
        bit: found[4] === undefined || found[5] !== undefined ? undefined : Number(found[4]),
        bits: found[5] === undefined ? undefined : [Number(found[4]), Number(found[5])],
      }
    : { address: tag };
  return {
    ...place,
    data_type: isBit ? undefined : dataType?.toLowerCase(),
    word_order: wordOrder === 'LITTLE' ? 'little' : undefined,
    byte_order: byteOrder === 'LITTLE' ? 'little' : undefined,
  };
}
