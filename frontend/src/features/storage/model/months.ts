import { graphql, type ResultOf } from '~/gql/graphql';

export const StorageFields = graphql(`
  fragment StorageFields on Storage @_unmask {
    tier
    retention {
      rawDays
      minuteDays
      hourDays
      dayDays
    }
    bytes
    readings
    segments
    unmergedSegments
    rollupBytes
    oldest
    newest
    measuredAt
    months {
      month
      bytes
      readings
      segments
      unmergedSegments
      rollupBytes
      oldest
      newest
    }
    cleanup {
      requestedAt
      startedAt
      finishedAt
      deletedSegments
      deletedReadings
      deletedRollups
      requestedBy {
        id
        fullName
      }
    }
  }
`);

export type Storage = ResultOf<typeof StorageFields>;
export type StorageMonth = Storage['months'][number];
export type Cleanup = NonNullable<Storage['cleanup']>;

const monthName = new Intl.DateTimeFormat('en-GB', { year: 'numeric', month: 'short', timeZone: 'UTC' });

/** "Jan 2026": months are cut in UTC, whatever the browser's zone. */
export function describeMonth(month: string): string {
  return monthName.format(new Date(month));
}

/** Bytes of one reading on average, to one decimal; a dash when there is none. */
export function bytesPerReading({ bytes, readings }: { bytes: number; readings: number }): string {
  return readings === 0 ? '–' : (bytes / readings).toFixed(1);
}

export interface Share {
  /** Of the bar's width, in per cent. */
  readings: number;
  rollups: number;
}

/** How long the two parts of each month's bar are; the largest month fills the width. */
export function barShares(months: readonly Pick<StorageMonth, 'bytes' | 'rollupBytes'>[]): Share[] {
  const largest = Math.max(1, ...months.map(({ bytes, rollupBytes }) => bytes + rollupBytes));
  return months.map(({ bytes, rollupBytes }) => ({
    readings: (100 * bytes) / largest,
    rollups: (100 * rollupBytes) / largest,
  }));
}

/** Whether a clean-up waits or is at work. */
export function isRunning(cleanup: Cleanup | null): boolean {
  return cleanup !== null && cleanup.finishedAt === null;
}

/** "365 days" or, from four years on, "10 years". */
export function describeDays(days: number): string {
  return days >= 4 * 365 && days % 365 === 0 ? `${days / 365} years` : `${days.toLocaleString('en')} days`;
}
