import { expect, it } from 'vitest';
import { type AgentTag, agentSourceName, agentSourceTable, passwordVariable } from './agentSource';

const plain: AgentTag = { tag: '', metricName: 'flow', unit: '', scale: 1, offset: 0 };

it('makes a name that an agent takes', () => {
  expect(agentSourceName('PUMP 101/Ä')).toBe('PUMP-101-');
  expect(agentSourceName('---')).toBe('machine');
  expect(passwordVariable('press-plc.1')).toBe('PLANTWRIGHT_AGENT__SOURCE__PRESS_PLC_1__OPCUA__PASSWORD');
});

it.each([
  ['holding:100', { address: 100, register_type: 'holding' }],
  ['3/input:4.0', { address: 4, register_type: 'input', unit_id: 3, bit: 0 }],
  ['holding:7.4-6', { address: 7, register_type: 'holding', bits: [4, 6] }],
  ['40101', { address: '40101' }],
])('writes the register %s as the agent reads it', (tag, place) => {
  const device = {
    protocol: 'modbus',
    host: 'plc',
    port: 502,
    unitId: 1,
    pollInterval: 5,
    timeout: 3,
    maxRequestsPerSecond: null,
    requestPause: 0,
    maxRegisters: 125,
    maxGap: 0,
  } as const;
  const table = agentSourceTable('press', 'PRESS-1', device, [
    { ...plain, tag, dataType: 'UINT16', wordOrder: 'LITTLE', byteOrder: 'BIG' },
  ]);
  expect(JSON.parse(JSON.stringify(table))).toMatchObject({
    machine_identifier: 'PRESS-1',
    modbus: { registers: [{ ...place, data_type: 'uint16', word_order: 'little', metric_name: 'flow' }] },
  });
});

it('writes columns of a file by their names, and only what differs from the usual', () => {
  const device = {
    protocol: 'csv',
    path: '/data/*.csv',
    timeColumn: 'time',
    delimiter: ';',
    decimal: '.',
  } as const;
  const table = agentSourceTable('belt', 'BELT-1', device, [{ ...plain, tag: 'Flow l/min', scale: 2 }]);
  expect(JSON.parse(JSON.stringify(table.csv))).toEqual({
    path: '/data/*.csv',
    delimiter: ';',
    time_column: 'time',
    metrics: { 'Flow l/min': { metric_name: 'flow', scale: 2 } },
  });
});
