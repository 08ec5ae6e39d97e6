import { expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration';

it.each([
  ['', 0],
  ['90', 90],
  ['90 s', 90],
  ['5 min', 300],
  ['1.5 h', 5_400],
  ['2 days', 172_800],
  ['five', null],
  ['-3 s', null],
])('reads %j as seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

it.each([
  [0, ''],
  [90, '90 s'],
  [300, '5 min'],
  [7_200, '2 h'],
  [0.5, '0.5 s'],
])('writes %d seconds', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
  expect(parseDuration(text)).toBe(seconds);
});
