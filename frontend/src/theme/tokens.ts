/** Colours of one scheme. Only names that begin with `alarm` may be saturated; a test holds to that. */
export interface SchemeTokens {
  background: string;
  panel: string;
  panelRaised: string;
  border: string;
  borderStrong: string;
  text: string;
  textDim: string;
  textStale: string;
  normalZone: string;
  trackZone: string;
  trace: string;
  traceBand: string;
  focus: string;
  accent: string;
  onAccent: string;
  alarmCritical: string;
  alarmWarning: string;
  alarmInfo: string;
  onAlarmCritical: string;
  onAlarmWarning: string;
  onAlarmInfo: string;
}

export const lightTokens: SchemeTokens = {
  background: '#e3e4e5',
  panel: '#efeff0',
  panelRaised: '#f7f7f8',
  border: '#c3c5c7',
  borderStrong: '#7d8185',
  text: '#1d1f21',
  textDim: '#4b4f53',
  textStale: '#5d6165',
  normalZone: '#c9cbcd',
  trackZone: '#f9f9fa',
  trace: '#33383d',
  traceBand: '#a9adb1',
  focus: '#1d1f21',
  accent: '#3d4348',
  onAccent: '#ffffff',
  alarmCritical: '#c1121f',
  alarmWarning: '#c05600',
  alarmInfo: '#00748c',
  onAlarmCritical: '#ffffff',
  onAlarmWarning: '#ffffff',
  onAlarmInfo: '#ffffff',
};

export const darkTokens: SchemeTokens = {
  background: '#1b1d1f',
  panel: '#25282a',
  panelRaised: '#2e3134',
  border: '#44484b',
  borderStrong: '#85898d',
  text: '#e4e6e7',
  textDim: '#b1b5b8',
  textStale: '#9ea2a5',
  normalZone: '#4a4e51',
  trackZone: '#1b1d1f',
  trace: '#d3d6d8',
  traceBand: '#5c6064',
  focus: '#f2f3f4',
  accent: '#c4c8cb',
  onAccent: '#1b1d1f',
  alarmCritical: '#ff5c60',
  alarmWarning: '#ffa62b',
  alarmInfo: '#45cbe3',
  onAlarmCritical: '#1b1d1f',
  onAlarmWarning: '#1b1d1f',
  onAlarmInfo: '#1b1d1f',
};

/** `alarmCritical` becomes `--pw-alarm-critical`. */
export function tokenVariable(name: string): string {
  return `--pw-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

export function toVariables(tokens: SchemeTokens): Record<string, string> {
  return Object.fromEntries(Object.entries(tokens).map(([name, value]) => [tokenVariable(name), value]));
}
