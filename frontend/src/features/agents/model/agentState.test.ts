import { expect, it } from 'vitest';
import { compareAgents, compareParts, countSources, stateSince } from './agentState';

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

it('counts a silence from the last heartbeat, and any other state from when the server saw it', () => {
  const agent = { stateSince: '2026-03-01T12:03:00Z', lastSeenAt: '2026-03-01T12:00:00Z' };
  expect(stateSince({ ...agent, state: 'SILENT' })).toBe(Date.parse('2026-03-01T12:00:00Z'));
  expect(stateSince({ ...agent, state: 'ONLINE' })).toBe(Date.parse('2026-03-01T12:03:00Z'));
});
