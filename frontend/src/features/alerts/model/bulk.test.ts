import { describe, expect, it } from 'vitest';
import { bulkOf, mostAtOnce } from './bulk';

const alert = (id: string, site = 'Hall 1') => ({ id, site, state: 'ACTIVE_UNACKNOWLEDGED' as const });

describe('acknowledging what is on the screen', () => {
  it('leaves out what somebody has acknowledged', () => {
    const seen = { ...alert('b', 'Hall 2'), state: 'ACTIVE_ACKNOWLEDGED' as const };
    expect(bulkOf([alert('a'), seen])).toEqual({ ids: ['a'], obstacle: null });
  });

  it('does not cross sites', () => {
    expect(bulkOf([alert('a'), alert('b', 'Hall 2')]).obstacle).toContain('2 sites');
  });

  it('stays within what the server takes', () => {
    const many = Array.from({ length: mostAtOnce + 1 }, (_, place) => alert(String(place)));
    expect(bulkOf(many).obstacle).toContain('At most 100');
  });
});
