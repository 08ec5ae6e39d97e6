export type Severity = 'CRITICAL' | 'WARNING' | 'INFO';
export type AlertState =
  | 'ACTIVE_UNACKNOWLEDGED'
  | 'ACTIVE_ACKNOWLEDGED'
  | 'CLEARED_UNACKNOWLEDGED'
  | 'CLEARED';
export type AlertCause =
  | 'STATIC_BASELINE'
  | 'EWMA'
  | 'RATE_OF_CHANGE'
  | 'MULTIVARIATE'
  | 'RULE'
  | 'AGENT_SILENT'
  | 'SOURCE_LOST';
export type MachineStatus = 'HEALTHY' | 'WARNING' | 'CRITICAL' | 'OFFLINE';

export const severities: readonly Severity[] = ['CRITICAL', 'WARNING', 'INFO'];
export const alertStates: readonly AlertState[] = [
  'ACTIVE_UNACKNOWLEDGED',
  'ACTIVE_ACKNOWLEDGED',
  'CLEARED_UNACKNOWLEDGED',
  'CLEARED',
];
export const alertCauses: readonly AlertCause[] = [
  'STATIC_BASELINE',
  'EWMA',
  'RATE_OF_CHANGE',
  'MULTIVARIATE',
  'RULE',
  'AGENT_SILENT',
  'SOURCE_LOST',
];
export const machineStatuses: readonly MachineStatus[] = ['CRITICAL', 'WARNING', 'OFFLINE', 'HEALTHY'];

export const severityWords: Record<Severity, string> = {
  CRITICAL: 'Critical',
  WARNING: 'Warning',
  INFO: 'Info',
};
export const alertStateWords: Record<AlertState, string> = {
  ACTIVE_UNACKNOWLEDGED: 'Active, unacknowledged',
  ACTIVE_ACKNOWLEDGED: 'Active, acknowledged',
  CLEARED_UNACKNOWLEDGED: 'Cleared, unacknowledged',
  CLEARED: 'Cleared',
};
export const alertCauseWords: Record<AlertCause, string> = {
  STATIC_BASELINE: 'Off baseline',
  EWMA: 'Slow drift (EWMA)',
  RATE_OF_CHANGE: 'Rate of change',
  MULTIVARIATE: 'Several metrics together',
  RULE: 'Rule',
  AGENT_SILENT: 'Silent agent',
  SOURCE_LOST: 'Lost source',
};
export const machineStatusWords: Record<MachineStatus, string> = {
  HEALTHY: 'Healthy',
  WARNING: 'Warning',
  CRITICAL: 'Critical',
  OFFLINE: 'Offline',
};

/** True while a person still has to acknowledge. */
export function isUnacknowledged(state: AlertState): boolean {
  return state === 'ACTIVE_UNACKNOWLEDGED' || state === 'CLEARED_UNACKNOWLEDGED';
}

/** True while the cause is still there. */
export function isActive(state: AlertState): boolean {
  return state === 'ACTIVE_UNACKNOWLEDGED' || state === 'ACTIVE_ACKNOWLEDGED';
}

interface Ranked {
  id: string;
  state: AlertState;
  severity: Severity;
  raisedAt: string;
}

/** Order of work: unacknowledged before acknowledged, active before cleared, worse first, newest first. */
export function compareAlerts(a: Ranked, b: Ranked): number {
  return (
    alertStates.indexOf(a.state) - alertStates.indexOf(b.state) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    Date.parse(b.raisedAt) - Date.parse(a.raisedAt) ||
    a.id.localeCompare(b.id)
  );
}

interface RankedMachine {
  id: string;
  name: string;
  status: MachineStatus;
  healthScore: number;
  unacknowledgedAlertCount: number;
}

/** Worst first: status, then score, then unacknowledged alerts, then name. */
export function compareMachines(a: RankedMachine, b: RankedMachine): number {
  return (
    machineStatuses.indexOf(a.status) - machineStatuses.indexOf(b.status) ||
    a.healthScore - b.healthScore ||
    b.unacknowledgedAlertCount - a.unacknowledgedAlertCount ||
    a.name.localeCompare(b.name)
  );
}
