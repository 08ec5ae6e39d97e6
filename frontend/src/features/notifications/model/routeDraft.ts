import { type Severity, severityWords } from '~/lib/alarm';
import { eventWords, newTrouble } from './events';
import type { NotificationRoute } from './routeFragment';

export type RouteDraft = Omit<
  NotificationRoute,
  'id' | 'events' | 'severities' | 'sites' | 'machineIds' | 'channelIds'
> & {
  events: NotificationRoute['events'];
  severities: Severity[];
  /** As typed: separated by commas. */
  sites: string;
  machineIds: string[];
  channelIds: string[];
};

export function newRoute(): RouteDraft {
  return {
    name: '',
    isActive: true,
    events: [...newTrouble],
    severities: ['CRITICAL', 'WARNING'],
    sites: '',
    machineIds: [],
    channelIds: [],
  };
}

export function routeDraftOf({
  name,
  isActive,
  events,
  severities,
  sites,
  machineIds,
  channelIds,
}: NotificationRoute): RouteDraft {
  return {
    name,
    isActive,
    events: [...events],
    severities: [...severities],
    sites: sites.join(', '),
    machineIds: [...machineIds],
    channelIds: [...channelIds],
  };
}

/** The route as the server takes it. */
export function toRouteInput({ name, sites, ...draft }: RouteDraft) {
  const named = sites
    .split(',')
    .map((site) => site.trim())
    .filter(Boolean);
  return { ...draft, name: name.trim(), sites: named };
}

function listed(words: readonly string[], none: string): string {
  return words.length > 0 ? words.join(', ') : none;
}

/** What a route lets pass, in one sentence for the list. */
export function describeRoute(route: NotificationRoute, machineName: (id: string) => string): string {
  const events = listed(
    route.events.map((event) => eventWords[event]),
    'Nothing',
  );
  const severities = listed(
    route.severities.map((severity) => severityWords[severity]),
    'any severity',
  );
  const places = [...route.sites, ...route.machineIds.map(machineName)];
  return `${events}; ${severities}; ${listed(places, 'all machines')}`;
}
