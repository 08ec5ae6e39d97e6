import { Link } from '@tanstack/react-router';
import { formatCount, formatDateTime, formatSpan } from '~/lib/format';
import { useNow } from '~/lib/now';
import { useIsStale } from '~/lib/staleness';
import { Age } from '~/ui/Age';
import { FactList } from '~/ui/FactList';
import { Note } from '~/ui/Note';
import type { SourceWithTags } from '../model/sourceFragment';
import { currentError, stateAdvice } from '../model/state';
import { formatRate } from './SourceRow';
import { SourceStateMark } from './SourceStateMark';

/** The state of a source in words, with what to do. */
export function SourceHead({ source, perMinute }: { source: SourceWithTags; perMinute: number | null }) {
  const { status, machine } = source;
  const now = useNow();
  const isStale = useIsStale(status.lastReadingAt);
  const error = currentError(source);
  const facts = [
    ['State', <SourceStateMark key="state" state={status.state} />],
    ['For', formatSpan(now - Date.parse(status.since))],
    ['Last reading', <Age key="age" time={status.lastReadingAt} isStale={isStale} />],
    ['Readings per minute', formatRate(perMinute)],
    ['Readings stored', formatCount(status.readings)],
    ['Gaps', formatCount(status.gaps)],
    [
      'Machine',
      <Link key="machine" to="/machines/$machineId" params={{ machineId: machine.id }}>
        {machine.name}
      </Link>,
    ],
  ] as const;
  return (
    <section className="pw-panel pw-stack" aria-label="State of the source">
      <FactList facts={facts} />
      <p>{stateAdvice[status.state]}</p>
      {error && (
        <Note role="status">
          <strong>{error}</strong>
          {status.lastErrorAt && <span className="pw-dim"> · {formatDateTime(status.lastErrorAt)}</span>}
        </Note>
      )}
      {!error && status.lastError && status.lastErrorAt && (
        <p className="pw-dim">
          Last error, {formatDateTime(status.lastErrorAt)}: {status.lastError}
        </p>
      )}
    </section>
  );
}
