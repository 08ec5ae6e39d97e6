import type { Layer, Rotation, RotationInput, TurnUnit } from './rotation';

export interface WindowDraft {
  key: number;
  weekdays: number[];
  start: string;
  end: string;
}

export interface LayerDraft {
  key: number;
  participantIds: string[];
  start: string;
  turnUnit: TurnUnit;
  turnCount: string;
  windows: WindowDraft[];
}

export interface RotationDraft {
  name: string;
  timeZone: string;
  layers: LayerDraft[];
}

export const hourTurns = ['1', '2', '3', '4', '6', '8', '12'] as const;
const longestTurn: Record<TurnUnit, number> = { HOUR: 12, DAY: 90, WEEK: 13 };
export const mostLayers = 5;

let lastKey = 0;

function nextKey(): number {
  lastKey += 1;
  return lastKey;
}

export function newWindow(weekdays: number[] = [1, 2, 3, 4, 5], start = '18:00', end = '08:00'): WindowDraft {
  return { key: nextKey(), weekdays, start, end };
}

/** The Monday of the week of this time, at 08:00 by the browser's clock. */
function mondayMorning(now: number): string {
  const day = new Date(now);
  day.setDate(day.getDate() - ((day.getDay() + 6) % 7));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}T08:00`;
}

export function newLayer(now: number): LayerDraft {
  return {
    key: nextKey(),
    participantIds: [],
    start: mondayMorning(now),
    turnUnit: 'WEEK',
    turnCount: '1',
    windows: [],
  };
}

function toLayerDraft(layer: Layer): LayerDraft {
  return {
    key: nextKey(),
    participantIds: layer.participants.map(({ id }) => id),
    start: layer.start,
    turnUnit: layer.turnUnit,
    turnCount: String(layer.turnCount),
    windows: layer.windows.map(({ weekdays, start, end }) => newWindow([...weekdays], start, end)),
  };
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

export function toRotationDraft(rotation: Rotation | null, now: number): RotationDraft {
  return rotation
    ? { name: rotation.name, timeZone: rotation.timeZone, layers: rotation.layers.map(toLayerDraft) }
    : { name: '', timeZone: ownZone(), layers: [newLayer(now)] };
}

function isTurn(layer: LayerDraft): boolean {
  const count = Number(layer.turnCount);
  return layer.turnUnit === 'HOUR'
    ? hourTurns.some((hours) => hours === layer.turnCount)
    : Number.isInteger(count) && count >= 1 && count <= longestTurn[layer.turnUnit];
}

export interface LayerProblems {
  participantIds?: string;
  start?: string;
  turnCount?: string;
  windows?: string;
}

export function layerProblems(layer: LayerDraft): LayerProblems {
  return {
    ...(layer.participantIds.length > 0 ? {} : { participantIds: 'Name at least one person.' }),
    ...(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(layer.start)
      ? {}
      : { start: 'Say when the first turn begins.' }),
    ...(isTurn(layer)
      ? {}
      : {
          turnCount:
            layer.turnUnit === 'HOUR' ? '1, 2, 3, 4, 6, 8 or 12.' : `1 to ${longestTurn[layer.turnUnit]}.`,
        }),
    ...(layer.windows.every(({ weekdays }) => weekdays.length > 0)
      ? {}
      : { windows: 'Choose the days of each window.' }),
  };
}

export function isRotationComplete(draft: RotationDraft): boolean {
  return (
    draft.name.trim() !== '' &&
    draft.timeZone.trim() !== '' &&
    draft.layers.every((layer) => Object.keys(layerProblems(layer)).length === 0)
  );
}

export function toRotationInput(draft: RotationDraft): RotationInput {
  return {
    name: draft.name.trim(),
    timeZone: draft.timeZone.trim(),
    layers: draft.layers.map((layer) => ({
      participantIds: layer.participantIds,
      start: layer.start.slice(0, 16),
      turnUnit: layer.turnUnit,
      turnCount: Number(layer.turnCount),
      windows: layer.windows.map(({ weekdays, start, end }) => ({
        weekdays: [...weekdays].sort((one, other) => one - other),
        start,
        end,
      })),
    })),
  };
}
