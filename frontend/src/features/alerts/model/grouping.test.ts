import { describe, expect, it } from 'vitest';
import { inGroups } from './grouping';

const alert = (id: string, groupId = id) => ({ id, groupId });
const ids = (...items: { id: string; groupId: string }[]) =>
  inGroups(items, (item) => item).map(({ id }) => id);

describe('alerts in groups', () => {
  it('puts followers behind the one that was out first, where the most urgent of them stands', () => {
    expect(ids(alert('b', 'a'), alert('x'), alert('a'), alert('c', 'a'))).toEqual(['a', 'b', 'c', 'x']);
  });

  it('keeps a follower whose first alert is not in the list', () => {
    expect(ids(alert('x'), alert('b', 'gone'))).toEqual(['x', 'b']);
  });
});
