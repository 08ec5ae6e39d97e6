import { formatTimeOfDay, zoneName } from '~/lib/format';
import { useNow } from '~/lib/now';

export function Clock() {
  const now = new Date(useNow());
  return (
    <time dateTime={now.toISOString()} style={{ whiteSpace: 'nowrap' }}>
      {formatTimeOfDay(now)} <span className="pw-dim">{zoneName(now)}</span>
    </time>
  );
}
