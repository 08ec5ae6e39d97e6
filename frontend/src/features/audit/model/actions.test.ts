import { expect, it } from 'vitest';
import { actionAreas, describeAction } from './actions';
import { actionWords } from './actionWords';

it('offers a filter for every area that has actions, and for no other', () => {
  const areas = Object.keys(actionWords).map((action) => action.split('.')[0]);
  expect(new Set(areas)).toEqual(new Set<string | undefined>(actionAreas));
});

it('has words of its own, and reads the name of what it does not know', () => {
  expect(describeAction('ingest_source.tags_changed')).toBe('Tags of a source changed');
  expect(describeAction('api_key.turned_over')).toBe('API key turned over');
});
