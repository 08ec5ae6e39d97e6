import { describe, expect, it } from 'vitest';
import { readWish } from './shelving';

describe('a wish to shelve', () => {
  it('needs a reason', () => {
    expect(readWish('60', '', '  ', 480)).toHaveProperty('fault');
  });

  it.each([
    ['15', '', { kind: 'TIMED', minutes: 15, untilEndOfShift: false }],
    ['shift', '', { kind: 'TIMED', minutes: null, untilEndOfShift: true }],
    ['clear', '', { kind: 'ONE_SHOT', minutes: null, untilEndOfShift: false }],
    ['custom', '90', { kind: 'TIMED', minutes: 90, untilEndOfShift: false }],
  ] as const)('of %s is what the server understands', (duration, custom, expected) => {
    expect(readWish(duration, custom, 'Known', 480)).toEqual({ wish: { ...expected, reason: 'Known' } });
  });

  it.each(['', '0', '481', 'long', '-5'])('refuses %j minutes', (custom) => {
    expect(readWish('custom', custom, 'Known', 480)).toHaveProperty('fault');
  });
});
