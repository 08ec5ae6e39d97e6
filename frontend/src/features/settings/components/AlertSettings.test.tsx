import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { api, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';

const server = setupServer();
const slow = { timeout: 10_000 };

interface Answer {
  data?: Record<string, unknown>;
  errors?: { message: string }[];
}

function settings(part: Record<string, unknown> = {}) {
  return {
    __typename: 'AlertSettings',
    outOfServiceWithWorkOrder: false,
    timeZone: 'UTC',
    shiftStarts: ['06:00', '18:00'],
    endOfShift: '2026-01-01T18:00:00Z',
    longestShelving: [
      { __typename: 'LongestShelving', severity: 'CRITICAL', minutes: 480, needsSecondPerson: true },
    ],
    version: 'first',
    ...part,
  };
}

function answer(found: () => unknown, role = 'ADMIN'): void {
  const broken = () => HttpResponse.json<Answer>({ errors: [{ message: 'Internal error.' }] });
  server.use(
    ...frameHandlers(role),
    api.query('Settings', broken),
    api.query('PushSetup', broken),
    api.query('ApiKeys', () => HttpResponse.json({ data: { apiKeys: [] } })),
    api.query('AlertSettings', () => {
      const alertSettings = found();
      return alertSettings ? HttpResponse.json<Answer>({ data: { alertSettings } }) : broken();
    }),
  );
}

const panel = async () => within(await screen.findByRole('region', { name: 'Alerts' }, slow));

beforeAll(() => server.listen({ onUnhandledRequest: 'bypass' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

describe('the settings of alerts', () => {
  it('says at the field what is wrong, and sends what differs', async () => {
    const sent: unknown[] = [];
    let current = settings();
    answer(() => current);
    server.use(
      api.mutation('UpdateAlertSettings', ({ variables }) => {
        sent.push(variables.input);
        current = settings({ shiftStarts: ['06:00', '14:00', '22:00'], version: 'second' });
        return HttpResponse.json({
          data: { alertSettingsUpdate: { __typename: 'AlertSettingsUpdateSuccess', settings: current } },
        });
      }),
    );
    renderPage('/settings');
    const shown = await panel();
    const starts = await shown.findByRole('textbox', { name: 'Shifts start at' }, slow);
    await userEvent.clear(starts);
    await userEvent.type(starts, 'six');
    expect(starts).toHaveAccessibleDescription(/A shift starts at a time of day such as 06:00/);
    expect(shown.getByRole('button', { name: 'Save alert settings' })).toBeDisabled();
    await userEvent.clear(starts);
    await userEvent.type(starts, '6:00 14:00 22:00');
    await userEvent.click(shown.getByRole('button', { name: 'Save alert settings' }));
    expect(await shown.findByText('Saved. The change is in the audit trail.', {}, slow)).toBeVisible();
    expect(sent).toEqual([{ shiftStarts: ['06:00', '14:00', '22:00'], expectedVersion: 'first' }]);
  });

  it('keeps what somebody else saved meanwhile, and shows it when asked', async () => {
    let current = settings();
    answer(() => current);
    server.use(
      api.mutation('UpdateAlertSettings', () => {
        current = settings({ timeZone: 'Europe/Berlin', version: 'theirs' });
        const refusal = {
          __typename: 'Conflict',
          message: 'Somebody has changed these settings meanwhile. Load them again.',
          path: ['expectedVersion'],
        };
        return HttpResponse.json({ data: { alertSettingsUpdate: refusal } });
      }),
    );
    renderPage('/settings');
    const shown = await panel();
    await userEvent.click(await shown.findByRole('checkbox', {}, slow));
    await userEvent.click(shown.getByRole('button', { name: 'Save alert settings' }));
    expect(await shown.findByRole('alert', {}, slow)).toHaveTextContent('meanwhile');
    await userEvent.click(shown.getByRole('button', { name: 'Show the newest' }));
    await waitFor(() =>
      expect(shown.getByLabelText('Time zone of the shifts', { selector: 'input' })).toHaveValue(
        'Europe/Berlin',
      ),
    );
    expect(shown.getByRole('checkbox')).not.toBeChecked();
  });

  it('are read only for who is no administrator', async () => {
    answer(() => settings(), 'VIEWER');
    renderPage('/settings');
    const shown = await panel();
    expect(await shown.findByRole('textbox', { name: 'Shifts start at' }, slow)).toHaveAttribute('readonly');
    expect(shown.getByRole('checkbox')).toBeDisabled();
    expect(shown.queryByRole('button')).toBeNull();
    expect(shown.getByRole('row', { name: 'Critical 8 hours Has to approve' })).toBeVisible();
  });

  it('say when they cannot be loaded, and try again', async () => {
    let current: unknown = null;
    answer(() => current);
    renderPage('/settings');
    const shown = await panel();
    expect(
      await shown.findByRole('heading', { name: 'The settings of alerts could not be loaded.' }, slow),
    ).toBeVisible();
    current = settings();
    await userEvent.click(shown.getByRole('button', { name: 'Try again' }));
    expect(await shown.findByRole('textbox', { name: 'Shifts start at' }, slow)).toBeVisible();
  });
});
