import { formatDateTime, formatSpan, formatTimeOfDay } from '~/lib/format';
import { countSources, isTroubled, type PartState, stateSince } from './agentState';
import { describeReadings, serverTime } from './figures';
import { type AgentState, agentStateWords } from './states';

interface Described {
  state: AgentState;
  stateSince: string;
  lastSeenAt: string;
  intervalSeconds: number;
  clockOffsetMs: number | null;
  uplink: { state: PartState };
  buffer: { depth: number; oldestAt: string | null };
  sources: readonly { name: string; state: PartState }[];
}

const secondsUpTo = 120;

/** The state of an agent in one sentence; `now` in ms since 1970. */
export function describeAgent(agent: Described, now: number): string {
  const lead = `${agentStateWords[agent.state]} for ${formatSpan(now - stateSince(agent))}`;
  const heard = `Heard ${formatSpan(now - Date.parse(agent.lastSeenAt))} ago.`;
  switch (agent.state) {
    case 'SILENT':
      return `${lead}: last heard ${describeMoment(agent.lastSeenAt, now)}; it sends every ${describeInterval(agent.intervalSeconds)}.`;
    case 'DEGRADED':
      return `${lead}: ${describeTroubles(agent).join('; ')}. ${heard}`;
    case 'BUFFERING':
      return `${lead}: ${describeBacklog(agent, now)}. ${heard}`;
    case 'ONLINE':
      return `${lead}: ${describeSources(agent.sources)}. ${heard}`;
  }
}

/** The time of day, with the date when it is another day. */
export function describeMoment(time: string, now: number): string {
  const isToday = new Date(time).toDateString() === new Date(now).toDateString();
  return isToday ? formatTimeOfDay(time) : formatDateTime(time);
}

function describeInterval(seconds: number): string {
  return seconds <= secondsUpTo ? `${Math.round(seconds)} s` : formatSpan(seconds * 1000);
}

function describeTroubles({ uplink, sources }: Described): string[] {
  const link = isTroubled(uplink.state)
    ? [
        `readings do not get to the server, ${uplink.state === 'PERMANENT' ? 'a person is needed' : 'it tries again'}`,
      ]
    : [];
  return [
    ...link,
    ...describeGroup(sources, 'PERMANENT', ['needs a person', 'need a person']),
    ...describeGroup(sources, 'RECOVERABLE', ['tries again by itself', 'try again by themselves']),
  ];
}

function describeGroup(
  sources: Described['sources'],
  state: PartState,
  [one, many]: readonly [string, string],
): string[] {
  const names = sources.filter((source) => source.state === state).map(({ name }) => name);
  if (names.length === 0) {
    return [];
  }
  return [names.length === 1 ? `${names[0]} ${one}` : `${names.length} sources ${many}`];
}

function describeBacklog({ buffer, clockOffsetMs }: Described, now: number): string {
  const count = `${describeReadings(buffer.depth)} ${buffer.depth === 1 ? 'waits' : 'wait'}`;
  return buffer.oldestAt
    ? `${count}, the oldest for ${formatSpan(now - serverTime(buffer.oldestAt, clockOffsetMs))}`
    : count;
}

function describeSources(sources: Described['sources']): string {
  const { well, all } = countSources(sources);
  return all === 0 ? 'no sources yet' : `${well} of ${all} ${all === 1 ? 'source' : 'sources'} well`;
}
