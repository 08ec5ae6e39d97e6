export type AgentState = 'SILENT' | 'DEGRADED' | 'BUFFERING' | 'ONLINE';

/** Worst first. */
export const agentStates: readonly AgentState[] = ['SILENT', 'DEGRADED', 'BUFFERING', 'ONLINE'];

export const agentStateWords: Record<AgentState, string> = {
  SILENT: 'Silent',
  DEGRADED: 'Degraded',
  BUFFERING: 'Buffering',
  ONLINE: 'Online',
};
