import { expect, it } from 'vitest';
import { agentFile, exampleFile, isOpenAddress, keyPlaceholder, startCommands } from './agentFile';

const server = { url: 'https://plant.example.com', apiKey: 'hk_1' };

it('writes a complete file for OPC UA', () => {
  expect(agentFile(exampleFile('opcua', 'line-2-gateway', 'PRESS 1'), server)).toBe(`[agent]
api_url = "https://plant.example.com"
api_key = "hk_1"
name = "line-2-gateway"

[[source]]
name = "PRESS-1"
machine_identifier = "PRESS 1"
protocol = "opcua"

[source.opcua]
endpoint = "opc.tcp://10.0.0.6:4840"
security_mode = "SignAndEncrypt"

[[source.opcua.nodes]]
node_id = "ns=2;s=Press.Temperature"
metric_name = "temperature"
unit = "celsius"
`);
});

it.each([
  ['10.0.0.7', 'host = "10.0.0.7"\nport = 502'],
  ['plc:1502', 'host = "plc"\nport = 1502'],
  ['[fd00::7]:503', 'host = "fd00::7"\nport = 503'],
  ['fd00::7', 'host = "fd00::7"\nport = 502'],
])('reads the Modbus address %s', (address, lines) => {
  expect(agentFile({ ...exampleFile('modbus', 'a', 'P'), address }, server)).toContain(lines);
});

it.each([
  ['40001', 'address = "40001"'],
  ['7', 'address = 7\n'],
])('reads the register %s', (tag, lines) => {
  expect(agentFile({ ...exampleFile('modbus', 'a', 'P'), tag }, server)).toContain(lines);
});

it('escapes what TOML reads otherwise', () => {
  const file = agentFile({ ...exampleFile('csv', 'say "hi"', 'P'), address: 'C:\\data', tag: 'a.b' }, server);
  expect(file).toContain('name = "say \\"hi\\""');
  expect(file).toContain('path = "C:\\\\data"');
  expect(file).toContain('[source.csv.metrics."a.b"]');
});

it('says where the key goes when there is none yet', () => {
  expect(agentFile(exampleFile('json', 'a', 'P'), { ...server, apiKey: null })).toContain(
    `api_key = "${keyPlaceholder}"`,
  );
});

it('knows the addresses that agents elsewhere refuse', () => {
  expect(isOpenAddress('http://plant.local:8000')).toBe(true);
  expect(isOpenAddress('http://localhost:8000')).toBe(false);
  expect(isOpenAddress('https://plant.local')).toBe(false);
});

it('has the server’s certificate trusted where there is one', () => {
  expect(startCommands(exampleFile('opcua', 'a', 'PRESS 1'))).toContain(
    'plantwright-agent trust opcua PRESS-1\n',
  );
  expect(startCommands(exampleFile('csv', 'a', 'PRESS 1'))).not.toContain('trust');
});
