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

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

const none = { target: null, limit: null, mark: 'NONE' };
const figures = [
  { figure: 'ALERTS_PER_DAY', unit: 'COUNT', value: 412, target: 150, limit: 300, mark: 'BEYOND' },
  { figure: 'CRITICAL_SHARE', unit: 'PERCENT', value: 4.5, target: 5, limit: null, mark: 'WITHIN' },
  { figure: 'ACKNOWLEDGED_UNOPENED', unit: 'PERCENT', value: 66.67, ...none },
  { figure: 'FALSE_PREDICTIONS', unit: 'PERCENT', value: null, ...none },
  { figure: 'TIME_TO_ACKNOWLEDGE', unit: 'SECONDS', value: 90, ...none },
].map((figure) => ({ __typename: 'AlertFigure', ...figure }));

function performance(part: Record<string, unknown> = {}) {
  return {
    __typename: 'AlertPerformance',
    from: '2026-01-01T00:00:00Z',
    to: '2026-01-31T00:00:00Z',
    positions: 2,
    alerts: 12_360,
    figures,
    days: [{ __typename: 'AlertDay', day: '2026-01-30', info: 3, warning: 400, critical: 9 }],
    badActors: [
      {
        __typename: 'AlertBadActor',
        alerts: 1_236,
        chatters: 7,
        fleetings: 2,
        alert: {
          __typename: 'Alert',
          id: 'alert-1',
          message: 'Vibration RMS is high',
          metric: 'vibration_rms',
          cause: 'EWMA',
          machine: { __typename: 'Machine', id: 'machine-1', name: 'Pump 1' },
        },
      },
    ],
    ...part,
  };
}

function answer(found: unknown): unknown[] {
  const asked: unknown[] = [];
  server.use(
    api.query('AlertSites', () => HttpResponse.json({ data: { alertSites: ['Hall 1', 'Hall 2'] } })),
    api.query('AlarmPerformance', ({ variables }) => {
      asked.push(variables.site);
      return HttpResponse.json({ data: { alertPerformance: found } });
    }),
    ...frameHandlers(),
  );
  return asked;
}

async function rowOf(name: string): Promise<HTMLElement> {
  const cell = await screen.findByRole('cell', { name }, slow);
  const row = cell.closest('tr');
  if (!row) {
    throw new Error(`${name} stands in no row`);
  }
  return row;
}

describe('the page of alarm performance', () => {
  it('says each figure with its target and how the two compare, in words', async () => {
    answer(performance());
    renderPage('/alerts/performance');
    expect(await rowOf('Alerts per day')).toHaveTextContent(/412≤ 150300Beyond what is manageable/);
    expect(await rowOf('Share of critical ones')).toHaveTextContent('Within the target');
    expect(screen.getByText(/targets are for 2 operator positions/)).toBeVisible();
  });

  it('shows the shares acknowledged without opening and of false predictions', async () => {
    answer(performance());
    renderPage('/alerts/performance');
    expect(await rowOf('Acknowledged without opening')).toHaveTextContent('66.67 %');
    expect(await rowOf('False among judged predictions')).toHaveTextContent('–');
  });

  it('lists the causes that come most often, each with its alert', async () => {
    answer(performance());
    renderPage('/alerts/performance');
    const actors = await screen.findByRole('region', { name: 'Most frequent' }, slow);
    const link = within(actors).getByRole('link', { name: /Pump 1, Vibration RMS/ });
    expect(link).toHaveAttribute('href', '/alerts/alert-1');
    expect(actors).toHaveTextContent('1,23610.00 %72');
  });

  it('narrows to a site, and keeps that in the address', async () => {
    const asked = answer(performance());
    const { location } = renderPage('/alerts/performance');
    await rowOf('Alerts per day');
    await userEvent.selectOptions(await screen.findByRole('combobox', { name: 'Site' }), 'Hall 2');
    await waitFor(() => expect(asked).toContain('Hall 2'));
    expect(location()).toContain('site=Hall');
  });

  it('says that there were none, without bars and causes', async () => {
    answer(performance({ alerts: 0, positions: 1, days: [], badActors: [] }));
    renderPage('/alerts/performance');
    expect(await screen.findByText('No alerts in this time', undefined, slow)).toBeVisible();
    expect(screen.queryByRole('region', { name: 'Most frequent' })).toBeNull();
  });

  it('offers to ask again when the figures could not be loaded', async () => {
    let isDown = true;
    server.use(
      api.query('AlarmPerformance', () =>
        isDown ? HttpResponse.error() : HttpResponse.json({ data: { alertPerformance: performance() } }),
      ),
      ...frameHandlers(),
    );
    renderPage('/alerts/performance');
    const retry = await screen.findByRole('button', { name: /again/i }, slow);
    isDown = false;
    await userEvent.click(retry);
    expect(await rowOf('Alerts per day')).toBeVisible();
  });
});
