export const machineKinds = ['PUMP', 'SPINDLE', 'COMPRESSOR', 'CONVEYOR', 'OTHER'] as const;
export type MachineKind = (typeof machineKinds)[number];

export const protocols = ['OPC_UA', 'MODBUS_TCP', 'CSV', 'JSON'] as const;
export type Protocol = (typeof protocols)[number];

export const protocolWords: Record<Protocol, string> = {
  OPC_UA: 'OPC UA',
  MODBUS_TCP: 'Modbus TCP',
  CSV: 'CSV file',
  JSON: 'JSON file',
};

/** What the agent's configuration calls the protocol. */
const agentProtocols: Record<Protocol, string> = {
  OPC_UA: 'opcua',
  MODBUS_TCP: 'modbus',
  CSV: 'csv',
  JSON: 'json',
};

/** The lines that name a machine in the agent's configuration file (TOML). */
export function agentSource(identifier: string, protocol: Protocol): string {
  return [
    '[[source]]',
    `machine_identifier = ${JSON.stringify(identifier)}`,
    `protocol = "${agentProtocols[protocol]}"`,
  ].join('\n');
}

/** The command that sends a CSV file to a machine. */
export function importCommand(identifier: string): string {
  const isPlain = /^[\w.:/-]+$/.test(identifier);
  const word = isPlain ? identifier : `'${identifier.replaceAll("'", `'\\''`)}'`;
  return `plantwright import csv FILE --machine ${word} --time-column COLUMN`;
}
