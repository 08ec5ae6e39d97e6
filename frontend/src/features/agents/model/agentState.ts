import { type AgentState, agentStates } from './states';

export type PartState = 'STARTING' | 'OK' | 'RECOVERABLE' | 'PERMANENT' | 'STOPPING' | 'STOPPED' | 'REMOVED';

export const partStateWords: Record<PartState, string> = {
  STARTING: 'Starting',
  OK: 'Well',
  RECOVERABLE: 'Retrying',
  PERMANENT: 'Needs a person',
  STOPPING: 'Stopping',
  STOPPED: 'Stopped',
  REMOVED: 'Removed',
};

const partOrder: readonly PartState[] = [
  'PERMANENT',
  'RECOVERABLE',
  'STOPPED',
  'STOPPING',
  'STARTING',
  'OK',
  'REMOVED',
];

interface Ranked {
  id: string;
  name: string;
  state: AgentState;
}

/** Worst state first, then by name. */
export function compareAgents(a: Ranked, b: Ranked): number {
  return (
    agentStates.indexOf(a.state) - agentStates.indexOf(b.state) ||
    a.name.localeCompare(b.name) ||
    a.id.localeCompare(b.id)
  );
}

/** Those that need a person first, then by name. */
export function compareParts(a: RankedPart, b: RankedPart): number {
  return partOrder.indexOf(a.state) - partOrder.indexOf(b.state) || a.name.localeCompare(b.name);
}

interface RankedPart {
  name: string;
  state: PartState;
}

/** True while something is wrong with a source or the uplink. */
export function isTroubled(state: PartState): boolean {
  return state === 'RECOVERABLE' || state === 'PERMANENT';
}

/** Sources that are configured, and how many of them read. */
export function countSources(sources: readonly { state: PartState }[]): { well: number; all: number } {
  const configured = sources.filter(({ state }) => state !== 'REMOVED');
  return { well: configured.filter(({ state }) => state === 'OK').length, all: configured.length };
}

interface Timed {
  state: AgentState;
  stateSince: string;
  lastSeenAt: string;
}

/** Since when an agent is as it is, in ms since 1970; a silence is counted from the last heartbeat. */
export function stateSince(agent: Timed): number {
  return Date.parse(agent.state === 'SILENT' ? agent.lastSeenAt : agent.stateSince);
}
