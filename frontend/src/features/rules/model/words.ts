import type { RuleTrial } from './operations';
import type { MachineKind } from './ruleDraft';
import type { Rule } from './ruleFragment';

export const kindWords: Record<MachineKind, string> = {
  PUMP: 'pumps',
  SPINDLE: 'spindles',
  COMPRESSOR: 'compressors',
  CONVEYOR: 'conveyors',
  OTHER: 'other machines',
};

/** Where the rule holds. */
export function scopeWords({ machine, machineKind, watchedMachines }: Rule): string {
  if (machineKind) {
    return `All ${kindWords[machineKind]}: ${watchedMachines} watched`;
  }
  return machine?.name ?? 'A machine that is gone';
}

function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}

/** The trial in one sentence. */
export function trialWords({ timesFired, activeSeconds, readings, alerts, machineIds }: RuleTrial): string {
  const minutes = Math.round(activeSeconds / 60);
  return (
    `On ${count(machineIds.length, 'machine')} and ${count(readings, 'reading')} the rule would have fired ` +
    `${count(timesFired, 'time')}${timesFired ? `, for ${count(minutes, 'minute')} in all` : ''}; ` +
    `${count(alerts.length, 'alert')} did happen.`
  );
}
