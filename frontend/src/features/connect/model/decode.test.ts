import { expect, it } from 'vitest';
import type { RegisterType } from '~/features/sources/model/registers';
import { decode, type Order } from './decode';

const words: Record<string, number[]> = {
  16: [0xc500],
  32: [0x42f6, 0xe979],
  64: [0x4009, 0x21fb, 0x5444, 0x2d18],
};

// What the agent makes of the same registers.
it.each<[RegisterType, Order, Order, string]>([
  ['INT16', 'BIG', 'BIG', '-15104'],
  ['INT16', 'LITTLE', 'LITTLE', '197'],
  ['UINT16', 'BIG', 'BIG', '50432'],
  ['INT32', 'BIG', 'BIG', '1123477881'],
  ['INT32', 'BIG', 'LITTLE', '-163415575'],
  ['UINT32', 'LITTLE', 'BIG', '3917038326'],
  ['UINT32', 'LITTLE', 'LITTLE', '2045376066'],
  ['INT64', 'BIG', 'BIG', '4614256656552045848'],
  ['UINT64', 'LITTLE', 'LITTLE', '1742123762643437888'],
  ['FLOAT16', 'BIG', 'BIG', '-5'],
  ['FLOAT16', 'BIG', 'LITTLE', '1.1742115020751953e-05'],
  ['FLOAT32', 'BIG', 'BIG', '123.45600128173828'],
  ['FLOAT32', 'LITTLE', 'BIG', '-1.8833671448184637e+25'],
  ['FLOAT32', 'BIG', 'LITTLE', '-9.861115451949846e+32'],
  ['FLOAT32', 'LITTLE', 'LITTLE', '1.5184998373247989e+35'],
  ['FLOAT64', 'BIG', 'BIG', '3.141592653589793'],
  ['FLOAT64', 'LITTLE', 'BIG', '1.866158485428959e-91'],
])('reads %s, words %s, bytes %s', (type, wordOrder, byteOrder, value) => {
  const registers = words[type.replace(/\D+/, '')] ?? [];
  expect(decode(registers, { type, wordOrder, byteOrder })).toBe(Number(value));
});

it('has no value where a register is missing', () => {
  const reading = { type: 'FLOAT32', wordOrder: 'BIG', byteOrder: 'BIG' } as const;
  expect(decode([1], reading)).toBeNull();
  expect(decode([1, null], reading)).toBeNull();
});

it('knows the half floats that are no usual numbers', () => {
  const half = (word: number) => decode([word], { type: 'FLOAT16', wordOrder: 'BIG', byteOrder: 'BIG' });
  expect(half(0x7c00)).toBe(Number.POSITIVE_INFINITY);
  expect(half(0x7e00)).toBeNaN();
  expect(half(0x8001)).toBe(-(2 ** -24));
});
