import { expect, it } from 'vitest';
import { toToml, toYaml } from './configText';

const source = {
  name: 'press',
  protocol: 'modbus',
  left_out: undefined,
  modbus: { host: 'no', port: 502, registers: [{ address: '40001', scale: 0.1 }, { address: 4 }] },
};

it('writes YAML whose texts are quoted', () => {
  expect(toYaml(source)).toBe(
    [
      'name: "press"',
      'protocol: "modbus"',
      'modbus:',
      '  host: "no"',
      '  port: 502',
      '  registers:',
      '    - address: "40001"',
      '      scale: 0.1',
      '    - address: 4',
      '',
    ].join('\n'),
  );
});

it('writes TOML with tables and lists of tables below their own', () => {
  expect(toToml(['source'], source, true)).toBe(
    [
      '[[source]]',
      'name = "press"',
      'protocol = "modbus"',
      '',
      '[source.modbus]',
      'host = "no"',
      'port = 502',
      '',
      '[[source.modbus.registers]]',
      'address = "40001"',
      'scale = 0.1',
      '',
      '[[source.modbus.registers]]',
      'address = 4',
      '',
    ].join('\n'),
  );
});

it('quotes keys and escapes what TOML wants escaped', () => {
  expect(toToml(['csv', 'metrics', 'Temp. °C'], { unit: 'a"b\x7f' })).toBe(
    '[csv.metrics."Temp. °C"]\nunit = "a\\"b\\u007f"\n',
  );
});
