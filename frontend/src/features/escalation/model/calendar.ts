export interface Shift {
  start: string;
  end: string;
  layer: number | null;
  overrideId: string | null;
  user: { id: string; fullName: string } | null;
}

export interface Bar {
  key: string;
  /** Percent of the whole width. */
  left: number;
  width: number;
  name: string;
  initials: string;
  /** Which of the patterns tells this person from the others; -1 for nobody. */
  pattern: number;
  isOverride: boolean;
  start: number;
  end: number;
}

export interface DayMark {
  key: string;
  left: number;
  label: string;
  isWeekend: boolean;
}

export const calendarDays = 14;
export const patterns = 4;

/** Midnight of today by the browser's clock, and two weeks later. */
export function calendarWindow(now: number): { from: Date; to: Date } {
  const from = new Date(now);
  from.setHours(0, 0, 0, 0);
  const to = new Date(from);
  to.setDate(to.getDate() + calendarDays);
  return { from, to };
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => word?.charAt(0).toUpperCase() ?? '')
    .join('');
}

/** Shifts as bars; people get patterns in the order in which they appear. */
export function toBars(shifts: readonly Shift[], from: Date, to: Date): Bar[] {
  const whole = to.getTime() - from.getTime();
  const people = new Map<string, number>();
  return shifts.map((shift) => {
    const start = Math.max(Date.parse(shift.start), from.getTime());
    const end = Math.min(Date.parse(shift.end), to.getTime());
    if (shift.user && !people.has(shift.user.id)) {
      people.set(shift.user.id, people.size % patterns);
    }
    return {
      key: shift.start,
      left: (100 * (start - from.getTime())) / whole,
      width: (100 * (end - start)) / whole,
      name: shift.user?.fullName ?? 'Nobody',
      initials: shift.user ? initialsOf(shift.user.fullName) : '–',
      pattern: shift.user ? (people.get(shift.user.id) ?? 0) : -1,
      isOverride: shift.overrideId !== null,
      start,
      end,
    };
  });
}

const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' });

/** The beginning of each day by the browser's clock, whatever that does meanwhile. */
export function toDayMarks(from: Date, to: Date): DayMark[] {
  const marks: DayMark[] = [];
  const whole = to.getTime() - from.getTime();
  for (const day = new Date(from); day < to; day.setDate(day.getDate() + 1)) {
    marks.push({
      key: String(day.getTime()),
      left: (100 * (day.getTime() - from.getTime())) / whole,
      label: weekday.format(day),
      isWeekend: day.getDay() === 0 || day.getDay() === 6,
    });
  }
  return marks;
}

/** Where now is, in percent; null outside of the window. */
export function nowPosition(now: number, from: Date, to: Date): number | null {
  const share = (now - from.getTime()) / (to.getTime() - from.getTime());
  return share >= 0 && share <= 1 ? 100 * share : null;
}

/** The next moment at which somebody else is on call; null when nobody changes in the window. */
export function nextHandOver(shifts: readonly Shift[], now: number): Shift | null {
  const current = shifts.find(({ start, end }) => Date.parse(start) <= now && now < Date.parse(end));
  return shifts.find(({ start, user }) => Date.parse(start) > now && user?.id !== current?.user?.id) ?? null;
}
