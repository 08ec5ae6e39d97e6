import { expect, it } from 'vitest';
import { describeGapLine, gapLines, gapSpan, knownPart } from './gapLine';

const to = Date.parse('2026-03-01T12:00:00Z');
const from = to - 100 * 60_000;
const gap = {
  source: 'press',
  tag: '',
  reason: 'the agent was not running',
  start: '2026-03-01T11:00:00Z',
  end: '2026-03-01T11:10:00Z',
  count: 1,
};

it('places gaps by their time', () => {
  const [press, pump] = gapLines(['press', 'pump'], [gap], from, to);
  expect(press?.marks).toMatchObject([{ left: 40, width: 10, isWhole: true }]);
  expect(press?.marks[0]?.title).toContain('the agent was not running');
  expect(pump?.marks).toEqual([]);
});

it('cuts what reaches over the edges and leaves out what lies beyond', () => {
  const gaps = [
    { ...gap, start: '2026-03-01T09:00:00Z', end: '2026-03-01T10:25:00Z' },
    { ...gap, start: '2026-03-01T09:00:00Z', end: '2026-03-01T10:19:59Z' },
    { ...gap, start: '2026-03-01T11:50:00Z', end: '2026-03-01T12:30:00Z' },
  ];
  const marks = gapLines(['press'], gaps, from, to)[0]?.marks ?? [];
  expect(marks.map(({ left, width }) => [left, width])).toEqual([
    [0, 5],
    [90, 10],
  ]);
});

it('says in words what is drawn', () => {
  const lines = gapLines(['press', 'pump'], [gap, { ...gap, tag: 'ns=2;s=a' }], from, to);
  expect(lines.map(describeGapLine)).toEqual(['press: 2 gaps, 1 of single tags', 'pump: nothing missing']);
  expect(gapSpan(gap)).toBe('10 min');
});

it('draws as known only the time of which the agent has told', () => {
  const agent = {
    state: 'ONLINE',
    startedAt: '2026-03-01T11:30:00Z',
    firstSeenAt: '2026-03-01T10:45:00Z',
    lastSeenAt: '2026-03-01T11:45:00Z',
  } as const;
  expect(knownPart(agent, from, to)).toEqual({ left: 25, width: 75 });
  expect(knownPart({ ...agent, state: 'SILENT' }, from, to)).toEqual({ left: 25, width: 60 });
  expect(knownPart({ ...agent, startedAt: '2026-03-01T10:20:00Z' }, from, to)).toEqual({
    left: 0,
    width: 100,
  });
  const longGone = { ...agent, state: 'SILENT', lastSeenAt: '2026-02-01T00:00:00Z' } as const;
  expect(knownPart(longGone, from, to)).toBeNull();
});
