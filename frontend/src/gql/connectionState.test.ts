import { expect, it } from 'vitest';
import { type LinkState, nextLinkState, offlineAfterMs } from './connectionState';

const fresh: LinkState = { phase: 'connecting', since: 0, resumptions: 0 };

it('counts a resumption only after a break', () => {
  const live = nextLinkState(fresh, 'connected', 10);
  expect(live).toEqual({ phase: 'live', since: 10, resumptions: 0 });
  const lost = nextLinkState(live, 'closed', 20);
  expect(lost).toEqual({ phase: 'reconnecting', since: 20, resumptions: 0 });
  expect(nextLinkState(lost, 'connected', 30)).toEqual({ phase: 'live', since: 30, resumptions: 1 });
});

it('keeps the moment of the break over failed attempts and calls a long one offline', () => {
  const lost: LinkState = { phase: 'reconnecting', since: 20, resumptions: 0 };
  expect(nextLinkState(lost, 'closed', 5000)).toBe(lost);
  expect(nextLinkState(lost, 'waited', 5000)).toBe(lost);
  expect(nextLinkState(lost, 'waited', 20 + offlineAfterMs)).toEqual({ ...lost, phase: 'offline' });
});

it('comes back from offline', () => {
  const offline: LinkState = { phase: 'offline', since: 20, resumptions: 2 };
  expect(nextLinkState(offline, 'connected', 99)).toEqual({ phase: 'live', since: 99, resumptions: 3 });
});
