import type { AlertSettings, AlertSettingsChange } from '~/features/alerts/hooks/useAlertSettings';

export interface AlertSettingsDraft {
  outOfServiceWithWorkOrder: boolean;
  timeZone: string;
  /** Times of day, separated by spaces or commas. */
  shiftStarts: string;
}

export type AlertSettingsFaults = Partial<Record<keyof AlertSettingsDraft, string>>;

export const mostShifts = 12;

export function toAlertDraft(settings: AlertSettings): AlertSettingsDraft {
  const { outOfServiceWithWorkOrder, timeZone, shiftStarts } = settings;
  return { outOfServiceWithWorkOrder, timeZone, shiftStarts: shiftStarts.join(', ') };
}

const timeOfDay = /^([01]?\d|2[0-3]):[0-5]\d$/;

/** The times of day in a text, in order, each once; null when one of them is none. */
export function readShiftStarts(text: string): string[] | null {
  const words = text.split(/[\s,;]+/).filter(Boolean);
  return words.every((word) => timeOfDay.test(word))
    ? [...new Set(words.map((word) => word.padStart(5, '0')))].sort()
    : null;
}

/** What is wrong, at which field. */
export function alertFaults(draft: AlertSettingsDraft): AlertSettingsFaults {
  const starts = readShiftStarts(draft.shiftStarts);
  return {
    ...(draft.timeZone.trim() ? {} : { timeZone: 'Give a time zone, such as Europe/Berlin or UTC.' }),
    ...(starts === null
      ? { shiftStarts: 'A shift starts at a time of day such as 06:00.' }
      : starts.length < 1 || starts.length > mostShifts
        ? { shiftStarts: `A day has 1 to ${mostShifts} shifts.` }
        : {}),
  };
}

/** What of a draft without faults differs from what is in force; null when nothing does. */
export function alertChanges(draft: AlertSettingsDraft, current: AlertSettings): AlertSettingsChange | null {
  const starts = readShiftStarts(draft.shiftStarts) ?? [];
  const zone = draft.timeZone.trim();
  const changes = {
    ...(draft.outOfServiceWithWorkOrder === current.outOfServiceWithWorkOrder
      ? {}
      : { outOfServiceWithWorkOrder: draft.outOfServiceWithWorkOrder }),
    ...(zone === current.timeZone ? {} : { timeZone: zone }),
    ...(starts.join() === current.shiftStarts.join() ? {} : { shiftStarts: starts }),
  };
  return Object.keys(changes).length > 0 ? { ...changes, expectedVersion: current.version } : null;
}

/** "15 minutes" as people say it: minutes below an hour, else hours. */
export function describeMinutes(minutes: number): string {
  return minutes < 60 ? `${minutes} minutes` : minutes === 60 ? '1 hour' : `${minutes / 60} hours`;
}
