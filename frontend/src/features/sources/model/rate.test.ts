import { expect, it } from 'vitest';
import { Rates } from './rate';

it('measures over the last minute, whatever the strides in which the server counts', () => {
  const rates = new Rates();
  for (let second = 0; second <= 120; second += 3) {
    rates.note('a', Math.floor(second / 10) * 10, second * 1000);
  }
  expect(rates.perMinute('a')).toBeGreaterThan(54);
  expect(rates.perMinute('a')).toBeLessThan(66);
});

it('says nothing before the counts have grown twice, nor of a source it does not know', () => {
  const rates = new Rates();
  rates.note('a', 10, 0);
  rates.note('a', 20, 5000);
  expect(rates.perMinute('a')).toBeNull();
  rates.note('a', 30, 10_000);
  expect(rates.perMinute('a')).toBe(120);
  expect(rates.perMinute('b')).toBeNull();
});

it('falls to nothing when no readings come any more', () => {
  const rates = new Rates();
  for (let second = 0; second <= 90; second += 5) {
    rates.note('a', Math.min(second, 10), second * 1000);
  }
  expect(rates.perMinute('a')).toBe(0);
});

it('begins anew when a count fell', () => {
  const rates = new Rates();
  rates.note('a', 1000, 0);
  rates.note('a', 0, 5000);
  rates.note('a', 10, 10_000);
  rates.note('a', 20, 15_000);
  expect(rates.perMinute('a')).toBe(120);
});
