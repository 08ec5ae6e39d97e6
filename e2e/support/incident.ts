import type { AlertFacts, Api, MachineAlert } from './api';
import { demo } from './stack';

/** What the specs break, and the alert that it must raise. */
export const incident = {
  machine: 'PUMP-101',
  machineName: 'Cooling water pump 1',
  fault: 'bearing_wear',
  metric: 'vibration_rms',
  metricWords: 'Vibration RMS',
} as const;

function isWanted(alert: AlertFacts): alert is MachineAlert {
  return (
    alert.machine?.identifier === incident.machine &&
    alert.metric === incident.metric &&
    alert.cause === 'STATIC_BASELINE' &&
    alert.severity === 'CRITICAL'
  );
}

async function poll<Value>(
  ask: () => Promise<Value | undefined>,
  seconds: number,
  what: string,
): Promise<Value> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await ask();
    if (value !== undefined) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`${what} did not come within ${seconds} s.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Breaks the pump unless it is broken, and waits for the alert at its highest severity. */
export async function causeIncident(api: Api): Promise<MachineAlert> {
  const find = async (): Promise<MachineAlert | undefined> => (await api.alerts()).find(isWanted);
  if (!(await find())) {
    await demo('fault', incident.machine, incident.fault);
  }
  return poll(find, 90, 'The critical alert');
}
