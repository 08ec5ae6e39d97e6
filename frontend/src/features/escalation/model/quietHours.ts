import { type FragmentOf, graphql, type VariablesOf } from '~/gql/graphql';
import type { Severity } from '~/lib/alarm';
import { windowText } from './rotation';
import { newWindow, ownZone, type WindowDraft } from './rotationDraft';

export const QuietFields = graphql(`
  fragment QuietFields on QuietHours @_unmask {
    scope
    channelId
    timeZone
    windows {
      weekdays
      start
      end
    }
    lowUrgency
    rhythm
    digestTime
    digestWeekday
  }
`);

export const QuietSettingsFields = graphql(
  `
    fragment QuietSettingsFields on QuietHoursSettings @_unmask {
      tenant {
        ...QuietFields
      }
      own {
        ...QuietFields
      }
      channels {
        ...QuietFields
      }
    }
  `,
  [QuietFields],
);

export type QuietHours = FragmentOf<typeof QuietFields>;
export type QuietSettings = FragmentOf<typeof QuietSettingsFields>;
export type Rhythm = QuietHours['rhythm'];
export type Scope = QuietHours['scope'];

export const setQuietHours = graphql(
  `
    mutation SetQuietHours($input: QuietHoursSetInput!) {
      quietHoursSet(input: $input) {
        __typename
        ... on QuietHoursSetSuccess {
          settings {
            ...QuietSettingsFields
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [QuietSettingsFields],
);

export type QuietInput = VariablesOf<typeof setQuietHours>['input'];

export interface QuietDraft {
  timeZone: string;
  windows: WindowDraft[];
  lowUrgency: Severity[];
  rhythm: Rhythm;
  digestTime: string;
  digestWeekday: string;
}

export const rhythmWords: Record<Rhythm, string> = {
  AFTER_QUIET_HOURS: 'When quiet hours end',
  DAILY: 'Every day',
  WEEKLY: 'Every week',
};

export function toQuietDraft(quiet: QuietHours | null): QuietDraft {
  return {
    timeZone: quiet?.timeZone ?? ownZone(),
    windows: quiet
      ? quiet.windows.map(({ weekdays, start, end }) => newWindow([...weekdays], start, end))
      : [newWindow([1, 2, 3, 4, 5, 6, 7], '22:00', '06:00')],
    lowUrgency: quiet ? [...quiet.lowUrgency] : ['INFO', 'WARNING'],
    rhythm: quiet?.rhythm ?? 'AFTER_QUIET_HOURS',
    digestTime: quiet?.digestTime ?? '07:00',
    digestWeekday: String(quiet?.digestWeekday ?? 1),
  };
}

export function toQuietInput(draft: QuietDraft, scope: Scope, channelId?: string): QuietInput {
  return {
    scope,
    channelId: channelId ?? null,
    timeZone: draft.timeZone.trim(),
    windows: draft.windows.map(({ weekdays, start, end }) => ({
      weekdays: [...weekdays].sort((one, other) => one - other),
      start,
      end,
    })),
    lowUrgency: draft.lowUrgency,
    rhythm: draft.rhythm,
    digestTime: draft.digestTime,
    digestWeekday: Number(draft.digestWeekday),
  };
}

/** What is held, when, and when it is told, in a sentence. */
export function quietText(quiet: QuietHours): string {
  const held = quiet.lowUrgency.length === 0 ? 'Nothing' : quiet.lowUrgency.join(' and ').toLowerCase();
  const told = rhythmWords[quiet.rhythm].toLowerCase();
  const at = quiet.rhythm === 'AFTER_QUIET_HOURS' ? '' : ` at ${quiet.digestTime}`;
  const [waits, are] = quiet.lowUrgency.length > 1 ? ['wait', 'are'] : ['waits', 'is'];
  return `${held.charAt(0).toUpperCase()}${held.slice(1)} ${waits} ${quiet.windows.map(windowText).join('; ')} (${quiet.timeZone}), and ${are} told ${told}${at}.`;
}
