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
const dayMs = 86_400_000;

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

const olga = { __typename: 'User', id: 'user-1', fullName: 'Olga Operator' };
const anna = { __typename: 'User', id: 'user-2', fullName: 'Anna Adams' };

function rotation(from: string, to: string) {
  const middle = new Date(Date.parse(from) + 7 * dayMs).toISOString();
  return {
    __typename: 'OnCallRotation',
    id: 'r1',
    name: 'Nights',
    timeZone: 'Europe/Berlin',
    version: 1,
    layers: [
      {
        __typename: 'OnCallLayer',
        name: '',
        start: '2026-03-02T08:00',
        turnUnit: 'WEEK',
        turnCount: 1,
        participants: [anna, olga],
        windows: [],
      },
    ],
    onCall: anna,
    overrides: [
      { __typename: 'OnCallOverride', id: 'o1', startsAt: middle, endsAt: to, user: anna },
      { __typename: 'OnCallOverride', id: 'o2', startsAt: middle, endsAt: to, user: olga },
    ],
    calendar: [
      { __typename: 'OnCallShift', start: from, end: middle, layer: 0, overrideId: null, user: anna },
      { __typename: 'OnCallShift', start: middle, end: to, layer: null, overrideId: 'o2', user: olga },
    ],
  };
}

/** How often the rotations were asked for since the answers were set. */
let asked = 0;

function answer(role: string, isEmpty = false): void {
  asked = 0;
  server.use(
    ...frameHandlers(role),
    api.query('OnCallRotations', ({ variables }) => {
      asked += 1;
      return HttpResponse.json({
        data: { onCallRotations: isEmpty ? [] : [rotation(variables.from, variables.to)] },
      });
    }),
    api.query('EscalationTargets', () =>
      HttpResponse.json({
        data: {
          users: [{ ...olga, isActive: true }],
          onCallRotations: [],
          notificationChannels: { nodes: [] },
        },
      }),
    ),
  );
}

it('shows who is on call now and next, and the coming two weeks', async () => {
  answer('ADMIN');
  renderPage('/escalation/on-call');
  const card = within(await screen.findByRole('region', { name: 'Nights' }, slow));
  expect(card.getByText('On call now:')).toHaveTextContent(
    /On call now: Anna Adams · from .*: Olga Operator/,
  );
  const calendar = within(card.getByRole('region', { name: 'Calendar of Nights' }));
  expect(calendar.getAllByRole('listitem')).toHaveLength(2);
  expect(calendar.getByText(/Olga Operator from .* override/)).toBeInTheDocument();
  expect(card.getByText('Anna Adams, Olga Operator: every week at 08:00')).toBeVisible();
});

it('lets a viewer put themself on call and take only their own override away', async () => {
  answer('VIEWER');
  let sent: unknown;
  server.use(
    api.mutation('CreateOnCallOverride', ({ variables }) => {
      sent = variables.input;
      return HttpResponse.json({
        data: {
          onCallOverrideCreate: {
            __typename: 'OnCallOverrideCreateSuccess',
            override: { __typename: 'OnCallOverride', id: 'o3' },
          },
        },
      });
    }),
  );
  renderPage('/escalation/on-call');
  const card = within(await screen.findByRole('region', { name: 'Nights' }, slow));
  expect(card.queryByRole('button', { name: /Edit|Delete/ })).toBeNull();
  expect(card.getAllByRole('button', { name: /Take away the override/ })).toHaveLength(1);
  await userEvent.click(card.getByRole('button', { name: 'Put somebody on call in Nights' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Put on call' }));
  await expect.poll(() => sent).toMatchObject({ rotationId: 'r1', userId: 'user-1' });
  await expect.poll(() => asked).toBe(2);
});

it('says what to do when there are no rotations', async () => {
  answer('ADMIN', true);
  renderPage('/escalation/on-call');
  expect(await screen.findByRole('heading', { name: 'Nobody is on call' }, slow)).toBeVisible();
  expect(screen.getByRole('button', { name: 'New rotation' })).toBeVisible();
});
