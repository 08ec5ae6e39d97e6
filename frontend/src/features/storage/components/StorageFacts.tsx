import { formatBytes, formatCount, formatDateTime, toWords } from '~/lib/format';
import { FactList } from '~/ui/FactList';
import { bytesPerReading, describeDays, type Storage } from '../model/months';

function describeTime(time: string | null): string {
  return time ? formatDateTime(time) : '–';
}

/** What is stored altogether, and for how long the tier keeps it. */
export function StorageFacts({ storage }: { storage: Storage }) {
  const { retention } = storage;
  const facts = [
    ['Size', formatBytes(storage.bytes)],
    ['Readings', formatCount(storage.readings)],
    ['Bytes per reading', bytesPerReading(storage)],
    ['Summaries', formatBytes(storage.rollupBytes)],
    ['Oldest reading', describeTime(storage.oldest)],
    ['Newest reading', describeTime(storage.newest)],
    ['Rows waiting to be merged', formatCount(storage.unmergedSegments)],
    ['Measured', storage.measuredAt ? formatDateTime(storage.measuredAt) : 'Not yet'],
  ] as const;
  return (
    <section className="pw-panel pw-stack" aria-labelledby="stored-title">
      <h2 id="stored-title">Stored</h2>
      <FactList facts={facts} isStrong />
      <p className="pw-dim">
        The tier {toWords(storage.tier)} keeps readings for {describeDays(retention.rawDays)}, minutes for{' '}
        {describeDays(retention.minuteDays)}, hours for {describeDays(retention.hourDays)} and days for{' '}
        {describeDays(retention.dayDays)}. Sizes are of the data as stored, compressed, without indexes.
      </p>
    </section>
  );
}
