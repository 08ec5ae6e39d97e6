import { expect, it } from 'vitest';
import { compareVersions, newestVersion } from './version';

it('orders versions by their numbers', () => {
  const versions = ['0.10.0', '0.9.1', '1.0.0rc1', '1.0.0', '1.0.0.post1', '0.9.0'];
  expect(versions.toSorted(compareVersions)).toEqual([
    '0.9.0',
    '0.9.1',
    '0.10.0',
    '1.0.0rc1',
    '1.0.0',
    '1.0.0.post1',
  ]);
});

it('knows the newest, and none of none', () => {
  expect(newestVersion(['0.9.1', '0.10.0', '0.9.2'])).toBe('0.10.0');
  expect(newestVersion([])).toBeNull();
});
