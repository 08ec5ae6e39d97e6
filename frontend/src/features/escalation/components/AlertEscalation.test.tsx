import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { Provider } from 'urql';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createGraphQLClient } from '~/gql/client';
import { api } from '~/testing/api';
import { apiUrl } from '~/testing/renderPage';
import { AlertEscalation } from './AlertEscalation';

const server = setupServer();
const slow = { timeout: 10_000 };

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function show(escalations: unknown[] | null): void {
  server.use(api.query('AlertEscalations', () => HttpResponse.json({ data: { escalations } })));
  render(
    <MantineProvider env="test">
      <Provider value={createGraphQLClient(apiUrl)}>
        <AlertEscalation alertId="alert-1" />
      </Provider>
    </MantineProvider>,
  );
}

function escalation(part: Record<string, unknown>) {
  return {
    __typename: 'Escalation',
    policyId: 'policy-1',
    policy: 'Hall 1',
    state: 'RUNNING',
    reason: null,
    step: 1,
    round: 1,
    dueAt: null,
    lastToldAt: null,
    endedAt: null,
    upcoming: [],
    ...part,
  };
}

it('says who is told next, when, and who that will be', async () => {
  const dueAt = new Date(Date.now() + 5 * 60_000 + 30_000).toISOString();
  const target = {
    __typename: 'EscalationTarget',
    kind: 'ROTATION',
    id: 'r1',
    name: 'Nights',
    trouble: null,
  };
  const upcoming = [
    {
      __typename: 'UpcomingStep',
      step: 2,
      round: 1,
      dueAt,
      targets: [target],
      onCall: [{ __typename: 'User', id: 'u1', fullName: 'Anna Adams' }],
    },
  ];
  show([escalation({ step: 2, dueAt, upcoming })]);
  const item = await screen.findByRole('listitem', undefined, slow);
  expect(item).toHaveTextContent(/^in 5 min .*: Nights \(on call\), which is Anna Adams$/);
});

it('says why it is paused or over', async () => {
  show([
    escalation({ state: 'PAUSED', reason: 'SHELVED' }),
    escalation({ policyId: 'policy-2', policy: 'Hall 2', state: 'ENDED', reason: 'ACKNOWLEDGED' }),
  ]);
  expect(
    await screen.findByText(/Paused while it is shelved; then from the first step/, undefined, slow),
  ).toBeVisible();
  expect(screen.getByText(/Over: acknowledged/)).toBeVisible();
});

it('says that nobody else is told', async () => {
  show([]);
  expect(
    await screen.findByText('No policy is for this alert: nobody else is told.', undefined, slow),
  ).toBeVisible();
});
