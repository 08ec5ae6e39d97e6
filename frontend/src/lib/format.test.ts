import { expect, it } from 'vitest';
import { formatBytes } from './format';

it.each([
  [0, '0 bytes'],
  [950, '950 bytes'],
  [1_000, '1 kB'],
  [1_234_000, '1.23 MB'],
  [999_999, '1 MB'],
  [43_000_000_000, '43 GB'],
  [5e18, '5000 PB'],
])('writes %d bytes as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
