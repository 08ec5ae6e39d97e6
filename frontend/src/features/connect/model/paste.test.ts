import { expect, it } from 'vitest';
import { pastedTags } from './paste';

it('takes the tables that browse prints with --toml', () => {
  const { tags } = pastedTags(`[[source.opcua.nodes]]
node_id = "nsu=urn:plant;s=Press \\"A\\".Temp"
metric_name = "temp"
unit = "°C"

[[source.opcua.nodes]]
node_id = "nsu=urn:plant;s=B.Temp"
metric_name = "temp"
`);
  expect(tags).toMatchObject([
    { tag: 'nsu=urn:plant;s=Press "A".Temp', metricName: 'temp', unit: '°C' },
    { tag: 'nsu=urn:plant;s=B.Temp', metricName: 'temp_2', unit: '' },
  ]);
});

it('takes registers', () => {
  const { tags } = pastedTags(`[[source.modbus.registers]]
address = 4
register_type = "input"
unit_id = 3
data_type = "float32"
metric_name = "input_4"

[[source.modbus.registers]]
address = "40101"
metric_name = "speed"
`);
  expect(tags).toMatchObject([
    { tag: '3/input:4', metricName: 'input_4', dataType: 'FLOAT32' },
    { tag: '40101', metricName: 'speed' },
  ]);
});

it('takes the values of the tree, and counts those that cannot be read', () => {
  const { tags, refused } = pastedTags(`Press  (Object)  ns=2;s=Press
  Motor Temp  Double = 61.5 °C  ns=2;s=Press.Temp
  Running  Boolean = True  ns=2;i=7
  Recipe  String = milk  ns=2;s=Press.Recipe  (holds String; only numbers and booleans become readings)
nonsense`);
  expect(tags).toMatchObject([
    { tag: 'ns=2;s=Press.Temp', metricName: 'motor_temp', unit: '°C' },
    { tag: 'ns=2;i=7', metricName: 'running', unit: '' },
  ]);
  expect(refused).toBe(1);
});
