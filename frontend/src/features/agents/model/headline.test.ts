import { expect, it } from 'vitest';
import { formatDateTime, formatTimeOfDay } from '~/lib/format';
import { describeAgent } from './headline';

const now = Date.parse('2026-03-01T12:12:00Z');
const online = {
  state: 'ONLINE',
  stateSince: '2026-02-26T12:12:00Z',
  lastSeenAt: '2026-03-01T12:11:57Z',
  intervalSeconds: 60,
  clockOffsetMs: null,
  uplink: { state: 'OK' },
  buffer: { depth: 0, oldestAt: null },
  sources: [
    { name: 'press', state: 'OK' },
    { name: 'pump', state: 'OK' },
    { name: 'old', state: 'REMOVED' },
  ],
} as const;

it('says that all is well, and of how many', () => {
  expect(describeAgent(online, now)).toBe('Online for 3 d: 2 of 2 sources well. Heard 3 s ago.');
});

it('says since when an agent is silent and how often it sends', () => {
  const lastSeenAt = '2026-03-01T12:00:00Z';
  expect(describeAgent({ ...online, state: 'SILENT', lastSeenAt }, now)).toBe(
    `Silent for 12 min: last heard ${formatTimeOfDay(lastSeenAt)}; it sends every 60 s.`,
  );
  const longAgo = '2026-02-27T12:12:00Z';
  expect(describeAgent({ ...online, state: 'SILENT', lastSeenAt: longAgo, intervalSeconds: 600 }, now)).toBe(
    `Silent for 2 d: last heard ${formatDateTime(longAgo)}; it sends every 10 min.`,
  );
});

it('names what is in trouble and whether a person is needed', () => {
  const sources = [
    { name: 'press', state: 'PERMANENT' },
    { name: 'pump', state: 'RECOVERABLE' },
    { name: 'belt', state: 'RECOVERABLE' },
  ] as const;
  expect(
    describeAgent({ ...online, state: 'DEGRADED', uplink: { state: 'RECOVERABLE' }, sources }, now),
  ).toBe(
    'Degraded for 3 d: readings do not get to the server, it tries again; press needs a person; 2 sources try again by themselves. Heard 3 s ago.',
  );
});

it('measures the age of what waits by the server’s clock', () => {
  const buffer = { depth: 12_300, oldestAt: '2026-03-01T11:04:00Z' };
  expect(describeAgent({ ...online, state: 'BUFFERING', clockOffsetMs: 3_600_000, buffer }, now)).toBe(
    'Buffering for 3 d: 12,300 readings wait, the oldest for 8 min. Heard 3 s ago.',
  );
});
