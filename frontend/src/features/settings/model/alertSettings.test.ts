import { describe, expect, it } from 'vitest';
import type { AlertSettings } from '~/features/alerts/hooks/useAlertSettings';
import { alertChanges, alertFaults, describeMinutes, readShiftStarts, toAlertDraft } from './alertSettings';

const settings: AlertSettings = {
  outOfServiceWithWorkOrder: false,
  timeZone: 'UTC',
  shiftStarts: ['06:00', '18:00'],
  endOfShift: '2026-01-01T18:00:00Z',
  longestShelving: [],
  version: 'seen',
};

describe('settings of alerts', () => {
  it.each([
    ['18:00 6:00', ['06:00', '18:00']],
    ['06:00, 14:00;22:00', ['06:00', '14:00', '22:00']],
    ['06:00 06:00', ['06:00']],
    ['', []],
    ['24:00', null],
    ['six', null],
  ])('reads the shifts %j as %j', (text, starts) => {
    expect(readShiftStarts(text)).toEqual(starts);
  });

  it('sends what differs, with the version that was seen', () => {
    const draft = toAlertDraft(settings);
    expect(alertChanges(draft, settings)).toBeNull();
    expect(alertChanges({ ...draft, shiftStarts: '06:00 14:00 22:00' }, settings)).toEqual({
      shiftStarts: ['06:00', '14:00', '22:00'],
      expectedVersion: 'seen',
    });
    expect(
      alertChanges({ ...draft, outOfServiceWithWorkOrder: true, timeZone: ' Europe/Berlin' }, settings),
    ).toEqual({ outOfServiceWithWorkOrder: true, timeZone: 'Europe/Berlin', expectedVersion: 'seen' });
  });

  it('says at each field what is wrong', () => {
    expect(alertFaults(toAlertDraft(settings))).toEqual({});
    expect(alertFaults({ outOfServiceWithWorkOrder: false, timeZone: ' ', shiftStarts: '' })).toEqual({
      timeZone: 'Give a time zone, such as Europe/Berlin or UTC.',
      shiftStarts: 'A day has 1 to 12 shifts.',
    });
    expect(alertFaults({ ...toAlertDraft(settings), shiftStarts: '6 Uhr' })).toHaveProperty('shiftStarts');
  });

  it.each([
    [15, '15 minutes'],
    [60, '1 hour'],
    [480, '8 hours'],
    [90, '1.5 hours'],
  ])('%d minutes are %s', (minutes, words) => {
    expect(describeMinutes(minutes)).toBe(words);
  });
});
