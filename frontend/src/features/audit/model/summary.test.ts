import { expect, it } from 'vitest';
import { readRecord } from './summary';

function read(payload: unknown, resourceType = 'alert', action = 'alert.raised') {
  return readRecord({ action, resourceType, resourceId: 'resource-1', payload });
}

it('repeats the message of an alert and knows its machine', () => {
  const facts = read({
    machine_id: 'machine-1',
    message: 'Flow 3.00 l/min is low',
    metric: 'flow',
    value: '3',
  });
  expect(facts).toEqual({ machineId: 'machine-1', subject: null, summary: 'Flow 3.00 l/min is low' });
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
  expect(read({}, 'machine')).toEqual({ machineId: 'resource-1', subject: null, summary: '' });
  expect(read('text', 'tenant')).toEqual({ machineId: null, subject: null, summary: '' });
});

it('leads to the agent or the source, as long as there is one', () => {
  const agent = { agent_id: 'agent-1', name: 'hall-3', last_seen_at: '2026-03-01T12:00:00Z' };
  const subject = { to: 'agent', id: 'agent-1', name: 'hall-3' };
  expect(read(agent, 'agent', 'agent.silent')).toEqual({ machineId: null, subject, summary: '' });
  expect(read({ ...agent, old_name: 'edge' }, 'agent', 'agent.renamed').summary).toBe('before: edge');
  expect(read(agent, 'agent', 'agent.removed').subject).toEqual({ ...subject, id: null });
  const source = { source_id: 'source-1', name: 'press', machine_id: 'machine-1', address: 'opc.tcp://plc' };
  const facts = read({ ...source, tags: { old: 2, new: 3 } }, 'ingest_source', 'ingest_source.tags_changed');
  expect(facts).toEqual({
    machineId: 'machine-1',
    subject: { to: 'source', id: 'source-1', name: 'press' },
    summary: '2 → 3 tags',
  });
  const deleted = read(source, 'ingest_source', 'ingest_source.deleted');
  expect(deleted.subject?.id).toBeNull();
  expect(deleted.summary).toBe('opc.tcp://plc');
});

it('knows the agent of an alert, which has neither machine nor metric', () => {
  const payload = {
    agent_id: 'agent-1',
    machine_id: null,
    metric: null,
    message: 'hall-3 is silent',
    value: '180',
  };
  expect(read(payload)).toEqual({
    machineId: null,
    subject: { to: 'agent', id: 'agent-1', name: 'Agent' },
    summary: 'hall-3 is silent',
  });
});

it('gives the reason for which something was taken out of service', () => {
  const payload = { machine_id: 'machine-1', reason: 'New bearing', until: null };
  expect(read(payload, 'out_of_service', 'out_of_service.began').summary).toBe('New bearing');
});
