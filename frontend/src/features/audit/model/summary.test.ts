import { expect, it } from 'vitest';
import { readRecord } from './summary';

function read(payload: unknown, resourceType = 'alert') {
  return readRecord({ resourceType, resourceId: 'resource-1', payload });
}

it('repeats the message of an alert and knows its machine', () => {
  const facts = read({
    machine_id: 'machine-1',
    message: 'Flow 3.00 l/min is low',
    metric: 'flow',
    value: '3',
  });
  expect(facts).toEqual({ machineId: 'machine-1', summary: 'Flow 3.00 l/min is low' });
});

it('shows old and new of statuses, scores and settings', () => {
  expect(read({ old_status: 'healthy', new_status: 'offline', reason: 'No reading.' }).summary).toBe(
    'Healthy → Offline. No reading.',
  );
  expect(read({ old_score: 50, score: 46 }).summary).toBe('50 → 46');
  expect(read({ number: 4, old_status: 'open', new_status: 'in_progress' }).summary).toBe(
    'No. 4: Open → In progress',
  );
  expect(read({ changes: { location: { old: null, new: 'Hall A' } } }).summary).toBe(
    'Location: none → Hall A',
  );
});

it('writes the reading of a finding with its unit', () => {
  expect(read({ metric: 'oil_temperature', value: '61.5', unit: 'celsius', score: '5.2' }).summary).toBe(
    'Oil temperature 61.50 °C',
  );
});

it('counts what a clean-up deleted', () => {
  expect(read({ segments: 24, readings: 86_400, rollups: 0 }, 'tenant').summary).toBe(
    '86,400 readings and 0 rows of summaries deleted',
  );
});

it('takes the resource for the machine when it is one, and survives a foreign payload', () => {
  expect(read({}, 'machine')).toEqual({ machineId: 'resource-1', summary: '' });
  expect(read('text', 'tenant')).toEqual({ machineId: null, summary: '' });
});
