import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
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

const policy = {
  __typename: 'EscalationPolicy',
  id: 'policy-1',
  name: 'Hall 1',
  severities: ['CRITICAL'],
  sites: ['Hall 1'],
  machineIds: [],
  rounds: 2,
  repeatAfterMinutes: 15,
  stopsOnClear: true,
  isActive: true,
  version: 3,
  steps: [
    {
      __typename: 'EscalationStep',
      waitMinutes: 5,
      targets: [
        { __typename: 'EscalationTarget', kind: 'ROTATION', id: 'r1', name: 'Nights', trouble: null },
        {
          __typename: 'EscalationTarget',
          kind: 'CHANNEL',
          id: 'c1',
          name: null,
          trouble: 'A channel of this step has been deleted.',
        },
      ],
    },
  ],
};

const targets = {
  users: [{ __typename: 'User', id: 'u1', fullName: 'Olga Operator', isActive: true }],
  onCallRotations: [{ __typename: 'OnCallRotation', id: 'r1', name: 'Nights' }],
  notificationChannels: {
    nodes: [{ __typename: 'NotificationChannel', id: 'c2', name: 'Pager', isActive: true }],
  },
};

/** How often the policies were asked for since the answers were set. */
let asked = 0;

function answer(policies: unknown[], role = 'ADMIN'): void {
  asked = 0;
  server.use(
    ...frameHandlers(role),
    api.query('EscalationPolicies', () => {
      asked += 1;
      return HttpResponse.json({ data: { escalationPolicies: policies } });
    }),
    api.query('EscalationTargets', () => HttpResponse.json({ data: targets })),
  );
}

it('shows the chain with its times, whom it tells, and what is broken', async () => {
  answer([policy]);
  renderPage('/escalation');
  const card = within(await screen.findByRole('region', { name: 'Hall 1' }, slow));
  expect(card.getByText('For critical alerts in Hall 1')).toBeVisible();
  const chain = within(card.getByRole('list', { name: 'Chain of Hall 1' }));
  expect(chain.getByText('1. after 5 min')).toBeVisible();
  expect(chain.getByText('Nights (on call)')).toBeVisible();
  expect(chain.getByText('A channel of this step has been deleted.')).toBeVisible();
  expect(chain.getByText(/again once, 15 min after the last step/)).toBeVisible();
});

it('makes a policy', async () => {
  answer([]);
  let sent: unknown;
  server.use(
    api.mutation('CreateEscalationPolicy', ({ variables }) => {
      sent = variables.input;
      return HttpResponse.json({
        data: { escalationPolicyCreate: { __typename: 'EscalationPolicyCreateSuccess', policy } },
      });
    }),
  );
  renderPage('/escalation');
  await userEvent.click(await screen.findByRole('button', { name: 'New policy' }, slow));
  const dialog = within(await screen.findByRole('dialog', { name: 'New policy' }));
  expect(dialog.getByRole('button', { name: 'Make the policy' })).toBeDisabled();
  await userEvent.type(dialog.getByRole('textbox', { name: 'Name' }), 'Pumps');
  await dialog.findByRole('option', { name: 'Pager (channel)' });
  await userEvent.selectOptions(dialog.getByLabelText('Step 1 tells'), 'Pager (channel)');
  await userEvent.click(dialog.getByRole('button', { name: 'Make the policy' }));
  await expect
    .poll(() => sent)
    .toMatchObject({
      name: 'Pumps',
      steps: [{ waitMinutes: 5, channelIds: ['c2'], userIds: [], rotationIds: [] }],
    });
  await expect.poll(() => asked).toBe(2);
  expect(screen.queryByRole('dialog')).toBeNull();
});

it('says why a policy was refused', async () => {
  answer([policy]);
  server.use(
    api.mutation('UpdateEscalationPolicy', () =>
      HttpResponse.json({
        data: {
          escalationPolicyUpdate: {
            __typename: 'Conflict',
            message: 'Somebody has changed this policy meanwhile. Load it again.',
            path: ['expectedVersion'],
          },
        },
      }),
    ),
  );
  renderPage('/escalation');
  await userEvent.click(await screen.findByRole('button', { name: 'Edit Hall 1' }, slow));
  const dialog = within(await screen.findByRole('dialog', { name: 'Edit Hall 1' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  expect(await dialog.findByRole('alert')).toHaveTextContent('Somebody has changed this policy meanwhile.');
});

it.each(['OPERATOR', 'VIEWER'])('offers nothing that would be refused to the role %s', async (role) => {
  answer([policy], role);
  renderPage('/escalation');
  await screen.findByRole('region', { name: 'Hall 1' }, slow);
  expect(screen.queryByRole('button', { name: /New policy|Edit|Delete/ })).toBeNull();
});

it('offers another try when it could not be loaded', async () => {
  let isDown = true;
  server.use(
    ...frameHandlers('ADMIN'),
    api.query('EscalationPolicies', () =>
      isDown
        ? HttpResponse.json({
            errors: [{ message: 'Try again shortly.', extensions: { code: 'UNAVAILABLE' } }],
          })
        : HttpResponse.json({ data: { escalationPolicies: [policy] } }),
    ),
  );
  renderPage('/escalation');
  expect(
    await screen.findByText('The escalation policies could not be loaded.', undefined, slow),
  ).toBeVisible();
  isDown = false;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('region', { name: 'Hall 1' }, slow)).toBeVisible();
});
