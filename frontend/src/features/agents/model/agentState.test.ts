import { expect, it } from 'vitest';
import { compareAgents, compareParts, countSources, stateSince } from './agentState';

const agent = {
  state: 'ONLINE',
  lastSeenAt: '2026-03-01T12:00:00Z',
  clockOffsetMs: 60_000,
  uplink: { state: 'OK', since: '2026-03-01T08:00:00Z' },
  buffer: { oldestAt: '2026-03-01T11:00:00Z' },
  sources: [
    { state: 'OK', since: '2026-03-01T07:00:00Z' },
    { state: 'RECOVERABLE', since: '2026-03-01T10:00:00Z' },
    { state: 'PERMANENT', since: '2026-03-01T09:00:00Z' },
  ],
} as const;

it('puts the silent and the degraded first, then goes by name', () => {
  const agents = [
    { id: '1', name: 'b', state: 'ONLINE' },
    { id: '2', name: 'd', state: 'DEGRADED' },
    { id: '3', name: 'a', state: 'ONLINE' },
    { id: '4', name: 'c', state: 'SILENT' },
    { id: '5', name: 'e', state: 'BUFFERING' },
  ] as const;
  expect(
    agents
      .toSorted(compareAgents)
      .map(({ name }) => name)
      .join(''),
  ).toBe('cdeab');
});

it('puts sources first that need a person, and counts what is configured', () => {
  const sources = [
    { name: 'a', state: 'OK' },
    { name: 'b', state: 'REMOVED' },
    { name: 'c', state: 'RECOVERABLE' },
    { name: 'd', state: 'PERMANENT' },
  ] as const;
  expect(
    sources
      .toSorted(compareParts)
      .map(({ name }) => name)
      .join(''),
  ).toBe('dcab');
  expect(countSources(sources)).toEqual({ well: 1, all: 3 });
});

it('knows since when an agent is out of order, by the server’s clock', () => {
  expect(stateSince(agent)).toBeNull();
  expect(stateSince({ ...agent, state: 'SILENT' })).toBe(Date.parse('2026-03-01T12:00:00Z'));
  expect(stateSince({ ...agent, state: 'DEGRADED' })).toBe(Date.parse('2026-03-01T09:01:00Z'));
  expect(stateSince({ ...agent, state: 'BUFFERING' })).toBe(Date.parse('2026-03-01T11:01:00Z'));
  expect(stateSince({ ...agent, state: 'DEGRADED', sources: [] })).toBeNull();
});
