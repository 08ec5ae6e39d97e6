import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { api, connection, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';
import { channelNode } from '../testing/channel';

const server = setupServer();
const slow = { timeout: 10_000 };

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

const attempt = {
  __typename: 'NotificationAttempt',
  number: 1,
  startedAt: '2026-02-01T12:00:00Z',
  isDelivered: false,
  status: '500',
  detail: 'The receiver answered 500 (Internal Server Error).',
  response: 'disk full',
  latencyMs: 1234,
};

function delivery(part: Record<string, unknown> = {}) {
  return {
    __typename: 'NotificationDelivery',
    id: 'delivery-1',
    event: 'ALERT_RAISED',
    status: 'DEAD',
    severity: 'CRITICAL',
    alertId: 'alert-1',
    subject: 'Critical: Cooling water pump 1',
    detail: attempt.detail,
    attempts: 8,
    isTest: false,
    dueAt: '2026-02-01T12:00:00Z',
    createdAt: '2026-02-01T12:00:00Z',
    finishedAt: '2026-02-02T12:00:00Z',
    channel: {
      __typename: 'NotificationChannel',
      id: 'channel-1',
      name: 'Shift desk',
      type: 'webhook',
      isPersonal: false,
    },
    text: 'Vibration RMS is high.',
    attemptLog: [attempt],
    ...part,
  };
}

const asked: Record<string, unknown>[] = [];

function answer(nodes: unknown[], role = 'OPERATOR'): void {
  asked.length = 0;
  server.use(
    ...frameHandlers(role),
    api.query('NotificationChannelList', () =>
      HttpResponse.json({ data: { notificationChannels: connection([channelNode()]) } }),
    ),
    api.query('NotificationDeliveryLog', ({ variables }) => {
      asked.push(variables.filter);
      return HttpResponse.json({ data: { notificationDeliveries: connection(nodes) } });
    }),
  );
}

it('asks for what the address narrows it to', async () => {
  answer([delivery()]);
  renderPage('/notifications/deliveries?status=DEAD,NONSENSE&channel=channel-1');
  expect(await screen.findByRole('link', { name: /Critical: Cooling water pump 1/ }, slow)).toBeVisible();
  expect(asked[0]).toEqual({ status: ['DEAD'], event: null, channelId: 'channel-1', alertId: null });
  await userEvent.click(screen.getByRole('button', { name: 'Given up' }));
  expect(await screen.findByRole('button', { name: 'Given up', pressed: false })).toBeVisible();
  expect(asked.at(-1)).toMatchObject({ status: null });
});

it('shows every attempt, and sends again under the same id', async () => {
  let status = 'DEAD';
  answer([delivery()]);
  server.use(
    api.query('NotificationDelivery', () =>
      HttpResponse.json({ data: { notificationDelivery: delivery({ status }) } }),
    ),
    api.mutation('ResendNotificationDelivery', () => {
      status = 'PENDING';
      const success = {
        __typename: 'ResendNotificationDeliverySuccess',
        delivery: { __typename: 'NotificationDelivery', id: 'delivery-1', status },
      };
      return HttpResponse.json({ data: { resendNotificationDelivery: success } });
    }),
  );
  renderPage('/notifications/deliveries?delivery=delivery-1');
  const dialog = within(await screen.findByRole('dialog', { name: 'Message' }, slow));
  expect(await dialog.findByText('Failed: 500 in 1,234 ms')).toBeVisible();
  expect(dialog.getByText('disk full')).toBeInTheDocument();
  await userEvent.click(dialog.getByRole('button', { name: 'Send again' }));
  expect(await dialog.findByText('Waiting, by Shift desk')).toBeVisible();
  expect(dialog.queryByRole('button', { name: 'Send again' })).toBeNull();
});

it('offers a viewer no resending, and says when nothing was sent', async () => {
  answer([], 'VIEWER');
  server.use(
    api.query('NotificationDelivery', () =>
      HttpResponse.json({ data: { notificationDelivery: delivery() } }),
    ),
  );
  renderPage('/notifications/deliveries?delivery=delivery-1');
  const dialog = within(await screen.findByRole('dialog', { name: 'Message' }, slow));
  expect(await dialog.findByText('Given up, by Shift desk')).toBeVisible();
  expect(dialog.queryByRole('button', { name: 'Send again' })).toBeNull();
  expect(await screen.findByText('Nothing was sent yet')).toBeInTheDocument();
});
