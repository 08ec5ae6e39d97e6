import { expect, it } from 'vitest';
import { toKeyText } from './keyFile';

it('leaves PEM as it is, and writes DER as base64', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  expect(toKeyText(new TextEncoder().encode(pem))).toBe(pem);
  expect(toKeyText(new Uint8Array([0x30, 0x82, 0x00, 0xff]))).toBe('MIIA/w==');
});
