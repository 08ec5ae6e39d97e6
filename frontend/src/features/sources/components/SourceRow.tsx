import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useIsStale } from '~/lib/staleness';
import { Age } from '~/ui/Age';
import type { Source } from '../model/sourceFragment';
import { currentError, sourceProtocolWords } from '../model/state';
import { SourceStateMark } from './SourceStateMark';
import classes from './Sources.module.css';

const rate = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const wholeRate = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Readings per minute as text; a dash until there is something to compare. */
export function formatRate(perMinute: number | null): string {
  if (perMinute === null) {
    return '–';
  }
  return (perMinute < 10 ? rate : wholeRate).format(perMinute);
}

interface SourceRowProps {
  source: Source;
  perMinute: number | null;
  isBusy: boolean;
  /** Missing for those who may not. */
  onSetPaused: ((source: Source) => void) | undefined;
}

export function SourceRow({ source, perMinute, isBusy, onSetPaused }: SourceRowProps) {
  const { status, machine } = source;
  const isStale = useIsStale(status.lastReadingAt);
  const error = currentError(source);
  const place = (
    <>
      {sourceProtocolWords[source.protocol]}
      <span className={classes.small}>{source.address}</span>
    </>
  );
  return (
    <tr data-stale={isStale || undefined}>
      <td>
        <SourceStateMark state={status.state} />
        {error && <span className={`${classes.small} ${classes.narrowOnly}`}>{error}</span>}
      </td>
      <th scope="row" className={classes.name}>
        <Link to="/sources/$sourceId" params={{ sourceId: source.id }}>
          {source.name}
        </Link>
        <span className={classes.small}>{machine.name}</span>
        <span className={classes.narrowOnly}>{place}</span>
      </th>
      <td className={classes.wideOnly}>{place}</td>
      <td data-number>
        <Age time={status.lastReadingAt} isStale={isStale} />
      </td>
      <td data-number>{formatRate(perMinute)}</td>
      <td className={`${classes.wideOnly} ${classes.error}`}>{error ?? '–'}</td>
      {onSetPaused && (
        <td>
          <Button
            variant="default"
            className="pw-target"
            disabled={isBusy}
            aria-label={`${source.isPaused ? 'Resume' : 'Pause'} ${source.name}`}
            onClick={() => onSetPaused(source)}
          >
            {source.isPaused ? 'Resume' : 'Pause'}
          </Button>
        </td>
      )}
    </tr>
  );
}
