import { expect, it } from 'vitest';
import { formatBytes, formatSigned } from './format';

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

it.each([
  [4, 0, '+4'],
  [-15, 0, '−15'],
  [-0.04, 1, '0'],
  [2.25, 1, '+2.3'],
  [null, 1, '–'],
])('writes a difference of %d with %d digits as %s', (value, digits, text) => {
  expect(formatSigned(value, digits)).toBe(text);
});
