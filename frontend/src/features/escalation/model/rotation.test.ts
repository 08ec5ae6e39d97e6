import { expect, it } from 'vitest';
import { quietText, toQuietDraft, toQuietInput } from './quietHours';
import { layerText, turnText, weekdaysText, windowText } from './rotation';
import { isRotationComplete, layerProblems, newLayer, newWindow, toRotationInput } from './rotationDraft';

const now = Date.parse('2026-03-04T12:00:00Z');

it('says the days of a window', () => {
  expect(
    [
      [1, 2, 3, 4, 5],
      [7, 6],
      [7, 1, 2, 3, 4, 5, 6],
      [1, 3],
    ].map(weekdaysText),
  ).toEqual(['Mon–Fri', 'Sat, Sun', 'every day', 'Mon, Wed']);
  expect(windowText({ weekdays: [6, 7], start: '00:00', end: '00:00' })).toBe('Sat, Sun');
  expect(windowText({ weekdays: [1], start: '18:00', end: '08:00' })).toBe('Mon 18:00–08:00');
});

it('says how people take turns', () => {
  expect(turnText({ turnUnit: 'WEEK', turnCount: 1 })).toBe('every week');
  expect(turnText({ turnUnit: 'HOUR', turnCount: 12 })).toBe('every 12 hours');
  const layer = {
    name: '',
    start: '2026-03-02T08:00',
    turnUnit: 'DAY' as const,
    turnCount: 2,
    participants: [
      { id: 'a', fullName: 'Anna' },
      { id: 'b', fullName: 'Ben' },
    ],
    windows: [],
  };
  expect(layerText(layer)).toBe('Anna, Ben: every 2 days at 08:00');
});

it('takes hours that divide a day only', () => {
  const layer = { ...newLayer(now), participantIds: ['a'] };
  expect(layerProblems(layer)).toEqual({});
  expect(layerProblems({ ...layer, turnUnit: 'HOUR', turnCount: '5' })).toHaveProperty('turnCount');
  expect(layerProblems({ ...layer, windows: [newWindow([])] })).toHaveProperty('windows');
  expect(isRotationComplete({ name: 'N', timeZone: 'UTC', layers: [layer] })).toBe(true);
  expect(isRotationComplete({ name: ' ', timeZone: 'UTC', layers: [layer] })).toBe(false);
});

it('sends wall times as they were written', () => {
  const layer = {
    ...newLayer(now),
    participantIds: ['a'],
    start: '2026-03-02T08:00',
    windows: [newWindow([7, 1])],
  };
  expect(toRotationInput({ name: ' N ', timeZone: 'Europe/Berlin', layers: [layer] })).toEqual({
    name: 'N',
    timeZone: 'Europe/Berlin',
    layers: [
      {
        participantIds: ['a'],
        start: '2026-03-02T08:00',
        turnUnit: 'WEEK',
        turnCount: 1,
        windows: [{ weekdays: [1, 7], start: '18:00', end: '08:00' }],
      },
    ],
  });
});

it('says what waits and when it is told', () => {
  const quiet = {
    scope: 'USER' as const,
    channelId: null,
    timeZone: 'Europe/Berlin',
    windows: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], start: '22:00', end: '06:00' }],
    lowUrgency: ['INFO' as const],
    rhythm: 'DAILY' as const,
    digestTime: '07:30',
    digestWeekday: 1,
  };
  expect(quietText(quiet)).toBe(
    'Info waits every day 22:00–06:00 (Europe/Berlin), and is told every day at 07:30.',
  );
  expect(toQuietInput(toQuietDraft(quiet), 'USER')).toMatchObject({
    lowUrgency: ['INFO'],
    rhythm: 'DAILY',
    digestWeekday: 1,
  });
});
