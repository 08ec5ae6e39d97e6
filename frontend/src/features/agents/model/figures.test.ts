import { expect, it } from 'vitest';
import { bufferShare, describeBuffer, describeCertificate, describeClock, serverTime } from './figures';

const now = Date.parse('2026-03-01T12:00:00Z');

it('speaks of the clock when it is off by more than a second', () => {
  expect(describeClock(null)).toBeNull();
  expect(describeClock(-1_000)).toBeNull();
  expect(describeClock(-90_000)).toBe('Clock 1 min ahead');
  expect(describeClock(2_400)).toBe('Clock 2 s behind');
});

it('reads a time of a clock that is off', () => {
  expect(serverTime('2026-03-01T11:00:00Z', 3_600_000)).toBe(now);
  expect(serverTime('2026-03-01T12:00:00Z', null)).toBe(now);
});

it('speaks of a certificate within 14 days of its end', () => {
  expect(describeCertificate(null, now)).toBeNull();
  expect(describeCertificate('2026-03-15T12:00:01Z', now)).toBeNull();
  expect(describeCertificate('2026-03-15T12:00:00Z', now)).toBe('Certificate expires in 14 d');
  expect(describeCertificate('2026-03-01T09:00:00Z', now)).toBe('Certificate expired 3 h ago');
});

it('draws and describes the buffer', () => {
  const buffer = { bytes: 125_000_000, maxBytes: 500_000_000, depth: 1 };
  expect(bufferShare(buffer)).toBe(25);
  expect(bufferShare({ bytes: 7, maxBytes: 0 })).toBe(0);
  expect(bufferShare({ bytes: 700, maxBytes: 500 })).toBe(100);
  expect(describeBuffer(buffer)).toBe('1 reading waits, 125 MB of 500 MB');
  expect(describeBuffer({ ...buffer, depth: 0 })).toBe('no readings wait, 125 MB of 500 MB');
});
