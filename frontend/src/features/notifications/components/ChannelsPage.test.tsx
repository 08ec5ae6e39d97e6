import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { api, connection, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';
import { channelNode, mqttType, pushType, webhookType } from '../testing/channel';

const server = setupServer();
const slow = { timeout: 10_000 };

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

function answer(nodes: unknown[], role = 'OPERATOR'): void {
  server.use(
    ...frameHandlers(role),
    api.query('NotificationChannelList', () =>
      HttpResponse.json({ data: { notificationChannels: connection(nodes) } }),
    ),
    api.query('NotificationChannelTypes', () =>
      HttpResponse.json({ data: { notificationChannelTypes: [webhookType, pushType, mqttType] } }),
    ),
  );
}

it('makes a webhook, shows why it was refused at its field, and the signing secret once', async () => {
  const sent: Record<string, unknown>[] = [];
  answer([]);
  server.use(
    api.mutation('CreateNotificationChannel', ({ variables }) => {
      sent.push(variables.input);
      const refusal = {
        __typename: 'ValidationFailed',
        message: 'url must be an https URL.',
        path: ['config', 'url'],
      };
      const success = {
        __typename: 'CreateNotificationChannelSuccess',
        channel: channelNode(),
        signingSecret: 'whsec_once',
      };
      return HttpResponse.json({
        data: { createNotificationChannel: sent.length === 1 ? refusal : success },
      });
    }),
  );
  renderPage('/notifications');
  await userEvent.click(await screen.findByRole('button', { name: 'Add a channel' }, slow));
  const dialog = within(await screen.findByRole('dialog', { name: 'New channel' }, slow));
  expect(dialog.queryByRole('option', { name: 'web_push' })).toBeNull();
  await userEvent.click(dialog.getByRole('button', { name: 'Add the channel' }));
  expect(dialog.getByText('Give the channel a name.')).toBeVisible();
  expect(sent).toEqual([]);
  await userEvent.type(dialog.getByLabelText('Name'), 'Shift desk');
  await userEvent.type(dialog.getByLabelText('URL'), 'http://desk.example');
  await userEvent.click(dialog.getByRole('button', { name: 'Add the channel' }));
  expect(await dialog.findByText('url must be an https URL.', undefined, slow)).toBeVisible();
  await userEvent.click(dialog.getByRole('button', { name: 'Add the channel' }));
  expect(await screen.findByTestId('signing-secret', undefined, slow)).toHaveTextContent('whsec_once');
  expect(sent[0]).toMatchObject({
    name: 'Shift desk',
    type: 'webhook',
    config: { url: 'http://desk.example' },
  });
});

it('leaves stored secrets alone when only the name changes', async () => {
  const sent: Record<string, unknown>[] = [];
  answer([channelNode()]);
  server.use(
    api.mutation('UpdateNotificationChannel', ({ variables }) => {
      sent.push(variables.input);
      const success = { __typename: 'UpdateNotificationChannelSuccess', channel: channelNode() };
      return HttpResponse.json({ data: { updateNotificationChannel: success } });
    }),
  );
  renderPage('/notifications');
  await userEvent.click(await screen.findByRole('button', { name: 'Edit Shift desk' }, slow));
  const dialog = within(await screen.findByRole('dialog', { name: 'Edit Shift desk' }, slow));
  expect(dialog.getByLabelText('URL')).toHaveValue('https://desk.example/hook');
  await userEvent.type(dialog.getByLabelText('Name'), ' 2');
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await screen.findByRole('button', { name: 'Test Shift desk' }, slow);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ id: 'channel-1', name: 'Shift desk 2' });
  expect(sent[0]).not.toHaveProperty('config');
});

it('says what came of a test in the words of the receiver', async () => {
  answer([channelNode()]);
  const result = {
    __typename: 'TestNotificationChannelSuccess',
    isDelivered: false,
    status: '500',
    detail: 'The receiver answered 500 (Internal Server Error).',
    latencyMs: 53,
    deliveryId: 'delivery-1',
  };
  server.use(
    api.mutation('TestNotificationChannel', () =>
      HttpResponse.json({ data: { testNotificationChannel: result } }),
    ),
  );
  renderPage('/notifications');
  await userEvent.click(await screen.findByRole('button', { name: 'Test Shift desk' }, slow));
  const note = await screen.findByRole('alert', undefined, slow);
  expect(note).toHaveTextContent('Test of Shift desk: not delivered');
  expect(note).toHaveTextContent('The receiver answered 500 (Internal Server Error). It took 53 ms.');
});

it('offers a viewer nothing that would be refused', async () => {
  answer([channelNode()], 'VIEWER');
  renderPage('/notifications');
  expect(await screen.findByRole('rowheader', { name: /Shift desk/ }, slow)).toBeVisible();
  expect(screen.queryByRole('button', { name: /Add|Test|Edit|Delete|Switch|secret/ })).toBeNull();
});

it('says what to do when there is no channel', async () => {
  answer([], 'VIEWER');
  renderPage('/notifications');
  expect(
    await screen.findByText('An operator or an administrator adds the first channel.', undefined, slow),
  ).toBeVisible();
});

it('shows what was not delivered and sends it again', async () => {
  const asked: unknown[] = [];
  answer([channelNode({ undelivered: 3 }), channelNode({ id: 'channel-2', name: 'Night desk' })]);
  server.use(
    api.mutation('ResendNotificationDeliveries', ({ variables }) => {
      asked.push(variables.input);
      const success = { __typename: 'ResendNotificationDeliveriesSuccess', resent: 3 };
      return HttpResponse.json({ data: { resendNotificationDeliveries: success } });
    }),
  );
  renderPage('/notifications');
  const link = await screen.findByRole('link', { name: '3 not delivered' }, slow);
  expect(link).toHaveAttribute('href', '/notifications/deliveries?channel=channel-1&status=DEAD%2CCANCELLED');
  await userEvent.click(screen.getByRole('button', { name: 'Send again Shift desk' }));
  expect(
    await screen.findByText('3 messages to Shift desk will be sent again, oldest first.', undefined, slow),
  ).toBeVisible();
  expect(asked).toEqual([{ channelId: 'channel-1' }]);
  expect(screen.queryByRole('button', { name: 'Send again Night desk' })).toBeNull();
});

it('does not send again through a channel that is switched off', async () => {
  answer([channelNode({ undelivered: 3, isActive: false })]);
  renderPage('/notifications');
  await screen.findByRole('link', { name: '3 not delivered' }, slow);
  expect(screen.queryByRole('button', { name: /Send again/ })).toBeNull();
});
