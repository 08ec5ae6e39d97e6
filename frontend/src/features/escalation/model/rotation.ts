import { type FragmentOf, graphql, type VariablesOf } from '~/gql/graphql';

export const RotationFields = graphql(`
  fragment RotationFields on OnCallRotation @_unmask {
    id
    name
    timeZone
    version
    layers {
      name
      start
      turnUnit
      turnCount
      participants {
        id
        fullName
      }
      windows {
        weekdays
        start
        end
      }
    }
    onCall {
      id
      fullName
    }
    overrides {
      id
      startsAt
      endsAt
      user {
        id
        fullName
      }
    }
  }
`);

export type Rotation = FragmentOf<typeof RotationFields>;
export type Layer = Rotation['layers'][number];
export type Override = Rotation['overrides'][number];
export type TurnUnit = Layer['turnUnit'];

export const createRotation = graphql(
  `
    mutation CreateOnCallRotation($input: OnCallRotationCreateInput!) {
      onCallRotationCreate(input: $input) {
        __typename
        ... on OnCallRotationCreateSuccess {
          rotation {
            ...RotationFields
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [RotationFields],
);

export type RotationInput = VariablesOf<typeof createRotation>['input'];

export const weekdayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** "Mon–Fri", "Sat, Sun", "every day". */
export function weekdaysText(weekdays: readonly number[]): string {
  const days = [...weekdays].sort((one, other) => one - other);
  if (days.length === 7) {
    return 'every day';
  }
  const isRun = days.every((day, index) => index === 0 || day === (days[index - 1] ?? 0) + 1);
  const names = days.map((day) => weekdayNames[day - 1] ?? '');
  return isRun && days.length > 2 ? `${names[0]}–${names.at(-1)}` : names.join(', ');
}

export function windowText(window: { weekdays: readonly number[]; start: string; end: string }): string {
  const isWholeDay = window.start === window.end;
  return `${weekdaysText(window.weekdays)}${isWholeDay ? '' : ` ${window.start}–${window.end}`}`;
}

const unitWords: Record<TurnUnit, readonly [one: string, many: string]> = {
  HOUR: ['hour', 'hours'],
  DAY: ['day', 'days'],
  WEEK: ['week', 'weeks'],
};

/** "every week", "every 12 hours". */
export function turnText(layer: { turnUnit: TurnUnit; turnCount: number }): string {
  const [one, many] = unitWords[layer.turnUnit];
  return layer.turnCount === 1 ? `every ${one}` : `every ${layer.turnCount} ${many}`;
}

/** When and how the people of a layer take turns, in a sentence. */
export function layerText(layer: Layer): string {
  const [, time] = layer.start.split('T');
  const windows = layer.windows.map(windowText).join('; ');
  const people = layer.participants.map(({ fullName }) => fullName).join(', ');
  return `${people}: ${turnText(layer)} at ${time}${windows ? `, ${windows}` : ''}`;
}
