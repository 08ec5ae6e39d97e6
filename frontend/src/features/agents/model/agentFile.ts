import { agentSourceName } from '~/lib/agentSource';
import { type ConfigTable, toToml } from '~/lib/configText';

export const fileProtocols = ['opcua', 'modbus', 'csv', 'json'] as const;
export type FileProtocol = (typeof fileProtocols)[number];

/** What a person says about the first thing that an agent reads. */
export interface FirstFile {
  name: string;
  protocol: FileProtocol;
  machineIdentifier: string;
  /** Endpoint, host with or without port, or path. */
  address: string;
  /** Node id, register, column or key path. */
  tag: string;
  metricName: string;
  unit: string;
  /** Column or key of the time; of files only. */
  time: string;
}

export interface FileServer {
  /** Such as https://plant.example.com */
  url: string;
  /** Null until one has been made. */
  apiKey: string | null;
}

export const keyPlaceholder = 'PASTE-THE-API-KEY-HERE';
const modbusPort = 502;

interface FieldWords {
  word: string;
  address: string;
  addressExample: string;
  tag: string;
  tagExample: string;
  time?: string;
}

export const fieldWords: Record<FileProtocol, FieldWords> = {
  opcua: {
    word: 'OPC UA',
    address: 'Endpoint of the server',
    addressExample: 'opc.tcp://10.0.0.6:4840',
    tag: 'Node id of the first value',
    tagExample: 'ns=2;s=Press.Temperature',
  },
  modbus: {
    word: 'Modbus TCP',
    address: 'Host, or host:port',
    addressExample: '10.0.0.7',
    tag: 'First register, as in the manual',
    tagExample: '40001',
  },
  csv: {
    word: 'CSV file',
    address: 'Path on the agent’s computer',
    addressExample: '/data/press/*.csv',
    tag: 'Column of the first value',
    tagExample: 'temperature',
    time: 'Column of the time',
  },
  json: {
    word: 'JSON file',
    address: 'Path on the agent’s computer',
    addressExample: '/data/press.jsonl',
    tag: 'Key of the first value',
    tagExample: 'motor.temp',
    time: 'Key of the time',
  },
};

/** A first file to begin with; whatever is not known yet is an example that the agent's check accepts. */
export function exampleFile(protocol: FileProtocol, name: string, machineIdentifier: string): FirstFile {
  const { addressExample, tagExample, time } = fieldWords[protocol];
  return {
    name,
    protocol,
    machineIdentifier,
    address: addressExample,
    tag: tagExample,
    metricName: 'temperature',
    unit: 'celsius',
    time: time ? 'time' : '',
  };
}

/** The text of a complete `agent.toml` with one source. */
export function agentFile(first: FirstFile, { url, apiKey }: FileServer): string {
  const agent = { api_url: url, api_key: apiKey ?? keyPlaceholder, name: first.name };
  const source = {
    name: agentSourceName(first.machineIdentifier),
    machine_identifier: first.machineIdentifier,
    protocol: first.protocol,
    [first.protocol]: settingsOf(first),
  };
  return `${toToml(['agent'], agent)}\n${toToml(['source'], source, true)}`;
}

function settingsOf({ protocol, address, time, tag, metricName, unit }: FirstFile): ConfigTable {
  const value = { metric_name: metricName, unit: unit || undefined };
  switch (protocol) {
    case 'opcua':
      return { endpoint: address, security_mode: 'SignAndEncrypt', nodes: [{ node_id: tag, ...value }] };
    case 'modbus':
      return { ...hostAndPort(address), registers: [{ address: registerOf(tag), ...value }] };
    case 'csv':
      return { path: address, time_column: time, metrics: { [tag]: value } };
    case 'json':
      return { path: address, time_key: time, metrics: { [tag]: value } };
  }
}

/** A manual's number, such as 40001, stays a text; a shorter one is an address counted from 0. */
function registerOf(tag: string): string | number {
  return /^\d{1,4}$/.test(tag) ? Number(tag) : tag;
}

/** An IPv6 address with a port is written in brackets. */
function hostAndPort(address: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(address) ?? [];
  return { host: bracketed ?? plain ?? address, port: port ? Number(port) : modbusPort };
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** True when agents on other computers would refuse to send to this address. */
export function isOpenAddress(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !loopback.has(hostname);
}

const asService = 'sudo -u plantwright-agent plantwright-agent';

/** What installs the agent as a service, tries its configuration and starts it; as in docs/agent.md. */
export function startCommands({ protocol, machineIdentifier }: FirstFile): string {
  return [
    'sudo pipx install --global plantwright_agent-*.whl',
    'sudo install -m 644 deploy/agent/plantwright-agent.sysusers /usr/lib/sysusers.d/plantwright-agent.conf && sudo systemd-sysusers',
    'sudo install -d -o plantwright-agent -g plantwright-agent -m 750 /etc/plantwright /var/lib/plantwright',
    'sudo install -o plantwright-agent -g plantwright-agent -m 600 agent.toml /etc/plantwright/agent.toml',
    ...(protocol === 'opcua' ? [`${asService} trust opcua ${agentSourceName(machineIdentifier)}`] : []),
    `${asService} check --connect`,
    'sudo install -m 644 deploy/agent/plantwright-agent.service /etc/systemd/system/ && sudo systemctl daemon-reload',
    'sudo systemctl enable --now plantwright-agent',
  ].join('\n');
}
