import { expect, it } from 'vitest';
import { calendarWindow, nextHandOver, nowPosition, type Shift, toBars, toDayMarks } from './calendar';

const anna = { id: 'a', fullName: 'Anna Adams' };
const ben = { id: 'b', fullName: 'Ben' };
const from = new Date('2026-03-02T00:00:00Z');
const to = new Date('2026-03-16T00:00:00Z');

function shift(start: string, end: string, user: Shift['user'], overrideId: string | null = null): Shift {
  return { start, end, user, overrideId, layer: user && !overrideId ? 0 : null };
}

const shifts = [
  shift('2026-03-01T00:00:00Z', '2026-03-09T00:00:00Z', anna),
  shift('2026-03-09T00:00:00Z', '2026-03-10T00:00:00Z', ben, 'o1'),
  shift('2026-03-10T00:00:00Z', '2026-03-20T00:00:00Z', null),
];

it('draws shifts over the whole width, people apart and nobody marked', () => {
  const bars = toBars(shifts, from, to);
  expect(bars.map(({ left, width }) => [left, width].map(Math.round))).toEqual([
    [0, 50],
    [50, 7],
    [57, 43],
  ]);
  expect(
    bars.map(({ name, initials, pattern, isOverride }) => [name, initials, pattern, isOverride]),
  ).toEqual([
    ['Anna Adams', 'AA', 0, false],
    ['Ben', 'B', 1, true],
    ['Nobody', '–', -1, false],
  ]);
});

it('marks each day of the two weeks', () => {
  const { from: begin, to: end } = calendarWindow(Date.parse('2026-03-04T12:00:00Z'));
  const marks = toDayMarks(begin, end);
  expect(marks).toHaveLength(14);
  expect(marks[0]?.left).toBe(0);
  expect(marks.filter(({ isWeekend }) => isWeekend)).toHaveLength(4);
});

it('shows where now is, and who comes next', () => {
  expect(nowPosition(Date.parse('2026-03-09T00:00:00Z'), from, to)).toBe(50);
  expect(nowPosition(Date.parse('2026-02-09T00:00:00Z'), from, to)).toBeNull();
  expect(nextHandOver(shifts, Date.parse('2026-03-05T00:00:00Z'))?.user).toEqual(ben);
  expect(nextHandOver(shifts, Date.parse('2026-03-12T00:00:00Z'))).toBeNull();
});
