import { expect, it } from 'vitest';
import { newTag, proposeMetricName, scaled, tagProblems } from './tagDraft';

it.each([
  ['Motor Temp.2', 'motor_temp_2'],
  ['vibrationRms', 'vibration_rms'],
  ['°C', 'c'],
  ['§§', 'value'],
])('proposes for %s the metric %s', (name, metric) => {
  expect(proposeMetricName(name)).toBe(metric);
});

it('previews the value that is stored, and none while a number is being typed', () => {
  expect(scaled(312, newTag({ scale: '0.1', offset: '-40' }))).toBeCloseTo(-8.8);
  expect(scaled(312, newTag({ scale: '', offset: '0' }))).toBeNull();
  expect(scaled(null, newTag())).toBeNull();
});

it('finds what the server would refuse', () => {
  const good = newTag({ tag: 'holding:100', metricName: 'flow' });
  const twice = newTag({ tag: 'input:4.0-3', metricName: 'flow', scale: 'x' });
  const off = newTag({ tag: '40101', metricName: 'flow', isEnabled: false });
  const wrong = newTag({ tag: 'register 7', metricName: ' ', unit: 'u'.repeat(65) });
  const found = tagProblems([good, twice, off, wrong], 'MODBUS_TCP');
  expect(found.get(good.key)).toMatchObject({ metricName: 'Another tag has this metric.' });
  expect(found.get(twice.key)).toMatchObject({ scale: 'A number, such as 0.1.' });
  expect(found.has(off.key)).toBe(false);
  expect(Object.values(found.get(wrong.key) ?? {}).filter(Boolean)).toHaveLength(3);
  expect(tagProblems([newTag({ tag: 'any column', metricName: 'flow' })], null).size).toBe(0);
});
