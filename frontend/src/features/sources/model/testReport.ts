import type { Report } from '../hooks/useSourceTest';

export type StepName = Report['steps'][number]['name'];
export type StepOutcome = Report['steps'][number]['outcome'];

export const stepNames = [
  'RESOLVED',
  'REACHED',
  'SECURED',
  'AUTHENTICATED',
  'READ',
] as const satisfies readonly StepName[];

export const stepWords: Record<StepName, string> = {
  RESOLVED: 'Address found',
  REACHED: 'Device reached',
  SECURED: 'Channel secured',
  AUTHENTICATED: 'Signed in',
  READ: 'Values read',
};

export const outcomeWords: Record<StepOutcome, string> = {
  PASSED: 'passed',
  FAILED: 'failed',
  SKIPPED: 'skipped',
};

/** True when the way to the device is fine, whether or not the tags gave values. */
export function isConnected({ steps }: Report): boolean {
  return steps.length > 0 && steps.every(({ name, outcome }) => outcome !== 'FAILED' || name === 'READ');
}

/** Whether a person has to look at the certificate that the server shows before anything is sent to it. */
export function asksForTrust({ serverCertificate, isServerConfirmed, steps }: Report): boolean {
  const secured = steps.find(({ name }) => name === 'SECURED');
  return serverCertificate !== null && !isServerConfirmed && secured?.outcome === 'FAILED';
}

/** The bytes of a PEM certificate, as most OPC UA servers want them in their trust list. */
export function derOfPem(pem: string): Uint8Array<ArrayBuffer> {
  const text = atob(pem.replace(/-----[^-]+-----|\s/g, ''));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
