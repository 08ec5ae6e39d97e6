import { expect, it } from 'vitest';
import type { Report } from '../hooks/useSourceTest';
import { asksForTrust, derOfPem, isConnected } from './testReport';

const certificate = {
  fingerprint: 'ab'.repeat(32),
  subject: 'CN=plc',
  applicationUri: null,
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2030-01-01T00:00:00Z',
};

function report(failed: Report['steps'][number]['name'] | null, part: Partial<Report> = {}): Report {
  const names = ['RESOLVED', 'REACHED', 'SECURED', 'AUTHENTICATED', 'READ'] as const;
  return {
    isSuccessful: failed === null,
    steps: names.map((name) => ({ name, outcome: name === failed ? 'FAILED' : 'PASSED', message: '' })),
    tags: [],
    offers: [],
    serverCertificate: certificate,
    isServerConfirmed: true,
    clientCertificate: null,
    ...part,
  } as Report;
}

it('is connected when only values are missing', () => {
  expect(isConnected(report(null))).toBe(true);
  expect(isConnected(report('READ'))).toBe(true);
  expect(isConnected(report('AUTHENTICATED'))).toBe(false);
});

it('asks for trust only when the channel failed for a certificate nobody confirmed', () => {
  expect(asksForTrust(report('SECURED', { isServerConfirmed: false }))).toBe(true);
  expect(asksForTrust(report('SECURED'))).toBe(false);
  expect(asksForTrust(report(null, { isServerConfirmed: false }))).toBe(false);
});

it('takes the bytes out of a PEM', () => {
  expect([...derOfPem('-----BEGIN CERTIFICATE-----\nAQID\n/w==\n-----END CERTIFICATE-----\n')]).toEqual([
    1, 2, 3, 255,
  ]);
});
