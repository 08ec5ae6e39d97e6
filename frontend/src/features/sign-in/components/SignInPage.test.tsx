import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { endSession, getSession } from '~/lib/session';
import { api, connection, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';

const server = setupServer();
const slow = { timeout: 10_000 };

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

async function signIn(): Promise<void> {
  await userEvent.type(await screen.findByLabelText('Email', undefined, slow), 'o@example.org');
  await userEvent.type(screen.getByLabelText('Password'), 'secret');
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

it('opens the page that was asked for', async () => {
  server.use(
    ...frameHandlers(),
    api.mutation('Login', () =>
      HttpResponse.json({ data: { login: { __typename: 'LoginSuccess', ...session } } }),
    ),
    api.query('AlertList', () => HttpResponse.json({ data: { alerts: connection([]) } })),
  );
  const page = renderPage('/alerts?state=CLEARED');
  await signIn();
  await waitFor(() => expect(page.location()).toBe('/alerts?state=CLEARED'));
  expect(getSession()?.accessToken).toBe('token');
});

it('says that email or password are wrong', async () => {
  const login = { __typename: 'InvalidCredentials', message: 'x', path: [] };
  server.use(api.mutation('Login', () => HttpResponse.json({ data: { login } })));
  renderPage('/sign-in');
  await signIn();
  expect(await screen.findByRole('alert')).toHaveTextContent('The email or the password is wrong.');
  expect(getSession()).toBeNull();
});

it('says how long to wait after too many attempts and blocks the button', async () => {
  const login = { __typename: 'TooManyAttempts', message: 'x', path: [], retryAfterSeconds: 90 };
  server.use(api.mutation('Login', () => HttpResponse.json({ data: { login } })));
  renderPage('/sign-in');
  await signIn();
  expect(await screen.findByRole('alert')).toHaveTextContent(/again in 1 min/);
  expect(screen.getByRole('button', { name: 'Sign in' })).toBeDisabled();
});

it('says that the server cannot be reached', async () => {
  server.use(api.mutation('Login', () => HttpResponse.error()));
  renderPage('/sign-in');
  await signIn();
  expect(await screen.findByRole('alert')).toHaveTextContent('The server cannot be reached.');
});
