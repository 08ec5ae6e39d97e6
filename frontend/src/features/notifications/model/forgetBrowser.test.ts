import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createGraphQLClient } from '~/gql/client';
import { endSession, startSession } from '~/lib/session';
import { api, session } from '~/testing/api';
import { forgetBrowser } from './forgetBrowser';

const server = setupServer();
const endpoint = 'https://push.example/this';

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  vi.unstubAllGlobals();
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

/** A browser that is subscribed, or none; returns what is called when it unsubscribes. */
function browser(isSubscribed: boolean) {
  const unsubscribe = vi.fn(() => Promise.resolve(true));
  const getSubscription = () => Promise.resolve(isSubscribed ? { endpoint, unsubscribe } : null);
  const serviceWorker = { getRegistration: () => Promise.resolve({ pushManager: { getSubscription } }) };
  vi.stubGlobal('navigator', { ...navigator, serviceWorker });
  vi.stubGlobal('PushManager', class {});
  vi.stubGlobal('Notification', { permission: 'granted' });
  startSession(session);
  return unsubscribe;
}

it('ends the subscription on the server and in the browser', async () => {
  const unsubscribe = browser(true);
  const asked: unknown[] = [];
  server.use(
    api.mutation('PushUnsubscribeAtSignOut', ({ variables }) => {
      asked.push(variables.input);
      return HttpResponse.json({
        data: { pushUnsubscribe: { __typename: 'PushUnsubscribeSuccess', removed: 1 } },
      });
    }),
  );
  await forgetBrowser(createGraphQLClient());
  expect(asked).toEqual([{ endpoint }]);
  expect(unsubscribe).toHaveBeenCalledOnce();
});

it('ends it in the browser when the server cannot be reached', async () => {
  const unsubscribe = browser(true);
  server.use(api.mutation('PushUnsubscribeAtSignOut', () => HttpResponse.error()));
  await forgetBrowser(createGraphQLClient());
  expect(unsubscribe).toHaveBeenCalledOnce();
});

it('asks nobody when this browser is not subscribed', async () => {
  const unsubscribe = browser(false);
  await forgetBrowser(createGraphQLClient());
  expect(unsubscribe).not.toHaveBeenCalled();
});
