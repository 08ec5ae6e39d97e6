import type { AlertState } from '~/lib/alarm';
import { isUnacknowledged } from '~/lib/alarm';

export const mostAtOnce = 100;

interface Candidate {
  id: string;
  site: string;
  state: AlertState;
}

export interface Bulk {
  ids: string[];
  /** Why these cannot be acknowledged at once; null when they can. */
  obstacle: string | null;
}

/** The unacknowledged ones among the alerts on the screen. */
export function bulkOf(alerts: readonly Candidate[]): Bulk {
  const open = alerts.filter(({ state }) => isUnacknowledged(state));
  const sites = new Set(open.map(({ site }) => site));
  const ids = open.map(({ id }) => id);
  if (sites.size > 1) {
    return { ids, obstacle: `They are of ${sites.size} sites. Choose one site to acknowledge them at once.` };
  }
  if (ids.length > mostAtOnce) {
    return { ids, obstacle: `At most ${mostAtOnce} are acknowledged at once. Narrow the list.` };
  }
  return { ids, obstacle: null };
}
