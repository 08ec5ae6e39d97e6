import { expect, it } from 'vitest';
import { changesOf, draftOf, type ParameterField } from './parameters';

const fields: readonly ParameterField<'limit' | 'count'>[] = [
  { name: 'limit', label: 'Limit', help: '', isWhole: false },
  { name: 'count', label: 'Count', help: '', isWhole: true },
];
const values = { enabled: true, limit: 1.5, count: 3 };

it('a fresh draft changes nothing', () => {
  expect(changesOf(fields, draftOf(fields, values), values)).toEqual({});
});

it('only what differs is changed', () => {
  const draft = { ...draftOf(fields, values), enabled: false, limit: '2.50' };
  expect(changesOf(fields, draft, values)).toEqual({ enabled: false, limit: 2.5 });
});

it.each([{ limit: '' }, { limit: 'two' }, { count: '2.5' }, { count: ' ' }])('%j is no number', (part) => {
  expect(changesOf(fields, { ...draftOf(fields, values), ...part }, values)).toBeNull();
});
