import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { alertNode, api, connection, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';

const server = setupServer();
const slow = { timeout: 10_000 };
const out = {
  __typename: 'OutOfService',
  id: 'out-1',
  reason: 'Work order 7 is in progress',
  beganAt: '2026-01-01T12:00:00Z',
  until: null,
  metric: null,
  workOrderId: 'order-7',
  machine: { __typename: 'Machine', id: 'machine-1', name: 'Cooling water pump 1' },
  beganBy: null,
};

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

it('lists what is out of service beside the alerts that announce nothing', async () => {
  const aside = alertNode({
    suppression: ['OUT_OF_SERVICE'],
    outOfService: { __typename: 'OutOfService', id: 'out-1', reason: out.reason, metric: null, until: null },
  });
  server.use(
    api.query('OutOfServiceNow', () => HttpResponse.json({ data: { outOfService: [out] } })),
    api.query('AlertList', () => HttpResponse.json({ data: { alerts: connection([aside]) } })),
    ...frameHandlers(),
  );
  renderPage('/alerts/aside');
  const list = within(await screen.findByRole('list', { name: 'Out of service' }, slow));
  expect(list.getByRole('link', { name: 'Cooling water pump 1' })).toHaveAttribute(
    'href',
    '/machines/machine-1',
  );
  expect(list.getByRole('link', { name: 'work in progress' })).toHaveAttribute(
    'href',
    '/work-orders?order=order-7',
  );
  expect(list.getByText('Until the work is done')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Open in the audit trail' })).toHaveAttribute(
    'href',
    '/audit?area=out_of_service',
  );
  const alerts = within(await screen.findByRole('list', { name: 'Alerts' }, slow));
  expect(alerts.getByText(/: Work order 7 is in progress/)).toBeVisible();
});

it('says that everything is in service, and when that is not known', async () => {
  let isBroken = true;
  server.use(
    api.query('OutOfServiceNow', () =>
      isBroken
        ? HttpResponse.json({ errors: [{ message: 'Internal error.' }] })
        : HttpResponse.json({ data: { outOfService: [] } }),
    ),
    api.query('AlertList', () => HttpResponse.json({ data: { alerts: connection([]) } })),
    ...frameHandlers('VIEWER'),
  );
  renderPage('/alerts/aside');
  expect(
    await screen.findByRole('heading', { name: 'What is out of service could not be loaded.' }, slow),
  ).toBeVisible();
  isBroken = false;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText(/Everything is in service/, {}, slow)).toBeVisible();
  expect(screen.getByText(/No alert is shelved/)).toBeVisible();
});
