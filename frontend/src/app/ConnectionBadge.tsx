import { type LinkPhase, useLinkState } from '~/gql/connectionState';
import { formatSpan, formatTimeOfDay } from '~/lib/format';
import { useNow } from '~/lib/now';
import classes from './ConnectionBadge.module.css';

const phaseWords: Record<LinkPhase, string> = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
};

/** A shorter break shows in the badge and on the stale values only: the page need not move for it. */
const bannerAfterMs = 2000;

/** State of the live connection, with the moment it was lost. */
export function ConnectionBadge() {
  const { phase, since } = useLinkState();
  const isLost = phase === 'reconnecting' || phase === 'offline';
  return (
    <output className={classes.badge} aria-label="Connection" data-phase={phase}>
      <svg aria-hidden="true" width="16" height="16" viewBox="0 0 16 16">
        <circle cx="8" cy="8" r="6" />
        {isLost && <path d="M2 14 14 2" />}
      </svg>
      <span>
        {phaseWords[phase]}
        {isLost && <span className={classes.since}> since {formatTimeOfDay(since)}</span>}
      </span>
    </output>
  );
}

/** Says above the page that its numbers are old while the live connection is lost. */
export function ConnectionBanner() {
  const { phase, since } = useLinkState();
  const now = useNow();
  const isLost = phase === 'reconnecting' || phase === 'offline';
  if (!isLost || now - since < bannerAfterMs) {
    return null;
  }
  return (
    <div className={classes.banner} role="status">
      <strong>{phase === 'offline' ? 'Offline.' : 'Reconnecting.'}</strong> What you see may be up to{' '}
      {formatSpan(now - since)} old. Missed data is fetched when the connection is back.
    </div>
  );
}
